"""Answers that were written from the questions alone, without sight of what the judge looks for.

So they show what the labelled set cannot: that the order holds for other words than the bank's.
Nothing is tuned on them.
"""

from __future__ import annotations

# question id: (strong, middling, weak)
HELD_OUT: dict[str, tuple[str, str, str]] = {
    "behavioral-unhappy-customer": (
        "So we had a school as a customer, and the timetable module dropped some lessons "
        "right at the start of term. The headteacher rang me and she was furious, she'd had "
        "parents on the phone all morning. I let her finish, I said sorry, that's our fault, "
        "and I told her I'd ring again at two, whatever I knew by then. Then I found out with"
        " a developer that an import had cut off names with accents. We fixed her data by "
        "hand that afternoon so that Monday worked, and the real fix came on Wednesday. I "
        "rang her each day until then. After that we added a check to the import and I wrote "
        "up what happened for the other schools. She stayed, and the year after she even "
        "recommended us to another school.",
        "There was one customer who complained that the app was too slow. I apologised and "
        "asked him to show me. It turned out he had a really big file. We made it faster in "
        "the next release and he was happy again.",
        "Customers are always unhappy about something. I usually stay calm and pass it on to "
        "support, that's what they're there for. You can't please everybody.",
    ),
    "hr-called-back-to-the-office": (
        "First I'd want to know why they decided that, I'd ask my manager what the reason is,"
        " maybe the juniors aren't learning enough, and that would be a fair point. Then I'd "
        "look at what I can give, so maybe I'd suggest three days, or fixed days where the "
        "whole team is there, and try that for three months and see. I'd bring facts, like I "
        "get my writing done at home and what I delivered in that time. I also have my kids "
        "to pick up on two days so I'd say that openly. But if they say no in the end, I'd go"
        " along with it while I'm there, and not moan in front of the others, or quietly stay"
        " at home. And if it really doesn't work for my life I'd look for something else and "
        "tell them in a decent way.",
        "I'd talk to my boss and explain that I work better from home. Maybe we can find a "
        "compromise, like two or three days. If not, then I guess I have to come in.",
        "I wouldn't like it at all. I think it's old fashioned. I would probably just keep "
        "working from home and see if anybody says something.",
    ),
    "dsa-folder-sizes": (
        "It's a tree, so I'd go at it recursively, the size of a folder is the sum of the "
        "files in it plus whatever comes back for each of the folders below. So children "
        "before the parent, post order, and I keep the result in a map from path to bytes, so"
        " each folder is only looked at once, which makes it linear in the number of files "
        "and folders. If it's nested really deep I could run out of stack, so then I'd use my"
        " own stack instead of recursion. You've got to be careful with symbolic links "
        "because they can go in a circle, so I wouldn't follow them, or I remember which ones"
        " I've seen. Hard links I'd count once. And if I'm not allowed to read a folder I "
        "note it and carry on.",
        "I would write a recursive function which goes through all the files, adds up their "
        "size, and if it's a folder it calls itself. At the end it returns the total. That "
        "visits everything once.",
        "I'd list all the files and then for each folder I go over all the files and check "
        "whether the path starts with it, and sum it. It might be slow but it works.",
    ),
    "system-design-game-leaderboard": (
        "First I'd ask how fresh it has to be and how often scores come in. Say a few "
        "thousand a second at the peak. Then I'd use a Redis sorted set with the player id "
        "and the score, adding is log n and getting the top hundred is one command, and the "
        "rank of a player too, and with the rank I get the five above and the five below. "
        "Twenty million entries is maybe two gigabytes, so that fits in memory on one "
        "machine. The truth stays in a database, so if Redis dies I can rebuild it. For the "
        "week I'd have one key per week, and the old one gets archived and expires. Ties go "
        "to whoever was first, so I put the time into the score. And I'd cache the top "
        "hundred for a second, since everyone looks at that. And the score must come from the"
        " server and not from the phone, otherwise people cheat.",
        "I would store the scores in a table with an index on the score. The top hundred is "
        "then just order by and limit. For your own rank you count how many have more. I'd "
        "put a cache in front of it so it's faster.",
        "I'd make a database with all the players and sort them when somebody opens the page."
        " With enough servers that should be OK.",
    ),
    "javascript-fetch-that-does-not-fail": (
        "That's because the promise from fetch only rejects if there was no answer at all, "
        "like the network is down. A five hundred is still an answer, so it resolves, and you"
        " have to look at response dot ok yourself, and throw an error with the status in it."
        " Then I parse the body, and that can fail too, because an error page is often HTML "
        "and not JSON. I'd also put a timeout on it with an abort controller, because by "
        "default it may hang for very long. And for a get I might try again two or three "
        "times with some waiting in between, but not for a post unless it's safe to do twice."
        " And I'd put it all in one helper and show the user something sensible.",
        "Fetch doesn't throw on a five hundred. You have to check if the response is ok and "
        "otherwise throw an error. I'd put a try catch around it and show a message.",
        "Maybe the await is missing, so it doesn't wait for the response. I would use axios "
        "instead, it's nicer. And log the response to the console.",
    ),
    "technical-image-too-large-and-slow": (
        "I'd look first at what is in there, layer by layer, with docker history or dive. "
        "Usually it's a full operating system and the compilers. So I'd do a multi stage "
        "build, compile in one and copy only the result into a slim base image. And a docker "
        "ignore file, so that the git folder and node modules aren't sent. For the time, the "
        "order matters: copy the package file and install the dependencies first, and the "
        "source code after, so that changing one line only rebuilds the last layers. And the "
        "build server needs to keep its cache between the builds, so a registry cache. I'd "
        "clean up the apt lists in the same run command, otherwise they're still in the layer"
        " below. Then I'd measure before and after, and it's safer too, as there's less in it"
        " that can have holes.",
        "I'd use a smaller base image like alpine and a multi stage build. And I'd try to use"
        " the cache better so that not everything is built each time.",
        "I would get a faster build machine with more memory, and maybe delete some files at "
        "the end of the Dockerfile. Two gigabytes is not that much these days.",
    ),
}
