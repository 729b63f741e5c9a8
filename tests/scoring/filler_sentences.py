"""Spoken answers with their fillers in square brackets, labelled by reading, not by the code.

With and without punctuation, as some recognisers write it and others do not. In a line with a
"|" the recogniser gave word times, and a pause of 450 ms stands at each; in the others none are
known. These are the half that rules are tuned on; `filler_sentences_held_out` is the other.

How they are labelled: a sound always counts, agreement ("uh-huh") does not. "Like" counts where
it neither compares, likes nor reports speech; before an amount it counts. "So" counts where it
opens the turn, restarts or trails off, not where it joins cause and effect. "Well", "right" and
"okay" count where they only hold or check the floor. "Actually" and "you see" count where they
open a clause, restart, or stand beside a sound. "Basically" counts unless it says "almost" of
what follows ("basically the same"). "I mean" counts also where it announces a correction.
"""

TUNED = """
[um] I would start with the requirements
I would [uh] use a hash map for that
[uhm] let me think about it
[So] the array is sorted and we go through it from both ends [er] from left and right
it costs [umm] O(n) time and [uh] O(1) space
[Ah], I see what you want
[hmm] that is a good question
[mm] maybe a queue would do
[erm] we had two teams at that time
[Um], [uh], I think it was in March
the tables are in the ER diagram
to err is human but we had a rollback
the gap is 5 mm wide
uh-huh, that was the plan
we [uuuh] we lost the message
the album was stored in the umbrella service
it retries [um] three times and then [uh] gives up
[ahh] now I get it
[you know] it was a hard time for the team
the thing is [you know] we had no tests
we had, [you know], a lot of traffic
do you know what a closure is
I don't know if you know the pattern
you know what happened next
you know how a heap works
you know that the list is sorted
as you know the cache was cold
let you know when the job is done
did you know about the outage
it was a mess, [you know]?
before you know it the disk is full
people you know can help you
because [you know] deadlines matter
[you know], the whole system went down
I asked whether you know the target
when you know the size you can allocate the array once
we were [you know] pretty junior back then
if you know the key you can find the value
[I mean] it worked but it was slow
it worked, [I mean], most of the time
that is what I mean by eventual consistency
by that I mean the reads may be stale
do I mean the client or the server
I mean it when I say we tested everything
the server, [I mean] the load balancer, was down
the order of, [I mean], the priority of each task
it was [sort of] slow
it was [kind of] a mess
what kind of database did you use
it is a kind of tree
this kind of bug is hard to find
we [kind of] ignored the warnings
that sort of thing happens
I [sort of] took over the project
there are two kinds of locks
the same kind of problem came back
that's kind of you
it's [sort of] like a queue
some sort of lock is needed
it was [kind of] [um] hard to measure
any kind of input works
the wrong kind of index
we [sort of] [you know] gave up on it
we used Redis [or something]
we could use a queue or something similar
maybe a timeout [or something like that]
a tree or something that keeps the order
we wrote docs [and stuff]
we fixed the build [and stuff like that]
we had logs [and things like that]
did it crash or something else
[basically] the client retries
it is [basically] a loop
[literally] nobody knew how it worked
it [literally] deleted the table
[actually], I would start with the data model
what actually happened was a race
it did not actually fix the bug
[so] we [actually], [um], rolled it back
[Actually] I changed my mind about the index
[you see], the cache was stale
you see the same value twice
if you see an error, stop
when you see what it prints you understand
can you see the problem
it was [like] really slow
I was [like], [um], not sure about it
it took [like] ten minutes to deploy
we had [like] twenty services
[like] I didn't know what to do
and [like] we just waited
but [like] nobody told us
it was, [like], the worst week
we should [like] maybe add an index
I would like to use a tree
I like the second approach
it looks like a queue
databases like Postgres and MySQL
it works like a stack
something like that
it feels like a hack
we use tools like Docker
like I said the list is sorted
it's like a phone book
I'd like a minute to think
users like fast pages
they liked it and likes went up
I like to test first
what was it like
it is nothing like the old one
things like caching and batching help
it behaves like this when it is full
just like the first one
more like a graph
he [like] totally forgot the deadline
we were [like] super late
[like], I think we need a lock
there were [like] hundreds of alerts
[so] [like] how do we fix that
with [like] three people on the team
it was [like] two in the morning
it sounds like you need a cache
a structure like a heap
would you like me to write it
they did not like the proposal
systems like this fail often
and then, [like], it crashed
it ran for [like] an hour
a pattern like publish and subscribe
I felt like nobody listened
it acts like one
people like simple tools
we treat it like any other event
my manager was like a mentor to me
because [like] the whole thing was on fire
[so] I would use a hash map
[So], the first thing is to sort
it was slow so we cached it
so that the reads are fast
so many requests came in
so far it has worked
I think so
it was so slow that users left
I did it so [um] we could go live
[so] yeah we did that
that is how it works, [so]
not so good but good enough
[um] [so] the queue was full
we sort it so the minimum comes first
if it is empty we are done, so we return
and so on until the list is empty
I hope so
she asked for the data and I had none so I said so
I was the only one so I did it myself
[so] [basically] I would split the service
[well] I think it depends
[Well], it was not easy
it works as well
it works well
well known algorithms are fine
it went well
we tested it very well
the code was well written
a well-tested library
it scales well with more nodes
and [well] it failed
as well as the tests
how well does it scale
that is, [well], not quite true
I know the domain well
[well] the first thing I did was measure
performance was pretty well understood
it did well under load
but [well] we learned from it
[um] [well] I asked my lead
[right] [so] the tree is balanced
we do it right now
the right answer is two
go to the right subtree
you have a list, [right], and you sort it
the list is sorted, [right]?
left and right pointers
that's right
right after the deploy it failed
it must be right
from left to right
we did the right thing
[Right], let me start with the data
you have the root [right] and then you go down
is that right
move the right pointer to the left
it was all right
I got it right the first time
she was right and I was wrong
right before the release
turn right and then left
I had no right to be angry
[okay] [so] I would begin with the API
[okay], let me think
[OK] [um] first the data model
it's okay to be slow
that is okay for now
the result was okay
[okay] [so] the first step is parsing
are you okay with that
the server returns an okay status
[so] [okay] we need a lock
the team was okay with it
it looks okay on my machine
I have used React for three years
The load balancer sends each request to a healthy server.
My goal was to make the page twice as fast.
In the end we shipped on time and the error rate fell by half.
A closure remembers the variables of its scope.
We chose Postgres because the data was relational.
I asked her what she needed before I wrote any code.
The worst case is quadratic, but on average it is n log n.
Okay.
Right
[So] [uh] [you know] we had this, [like], big migration and [um] I was leading it
[um] [so] last year I was on the payments team and we had [like] three weeks to move everything
we were getting [you know] timeouts all over the place and [uh] customers were complaining
my first idea was to [uh] to add an index but that did not help because the table was huge
I talked to my manager and she was like a coach to me through all of it
[so] what I did was I wrote a small script
it took two days [or something] and then we were done
the worker picks a job [right] and then it marks it as taken
the client sends a request to the gateway and the gateway [sort of] fans it out
for each number I look up the complement and [um] if it is there I am done
a hash map gives you constant time lookups on average
the first pointer goes right and the second goes left
I think the biggest problem was communication [you know] we never talked
he said he knew the code well so I trusted him
I would say the main trade off is memory against speed
[okay] [well] a closure is a function that [um] remembers its scope
let and const are block scoped and var is not
I really like how the team handled it
we did not know what to do so we asked
you can think of it like a phone book where you look up names
I was leading [uh] five people and [like] two of them were new
there was this bug that would only happen in production and [I mean] it was a nightmare
[actually] no that is wrong it is n squared
the actual cost is lower because we actually batch the writes
do you want me to write it out, or is it okay to just talk?
[Right], [so], [uh], we start at the root.
The left child is smaller, and the right child is larger.
That was a hard time, [you know], and I learned a lot.
[You know], I am not sure that is the right question
I want to be clear: it was my decision, and I would do it again.
What I like about this design is that it scales out well.
Consistency matters more than speed here, so I would pick a single leader.
We had a meeting right away and told the customers the truth.
If the node is missing, [well], then we return null.
It was [kind of] a big deal because, [um], the CEO was watching.
[Hmm], I would probably use a queue, so that a slow consumer does not block us.
Is that okay, or should I go into more detail?
We had no alerts, no dashboards, nothing like that.
I [um] I think [um] the answer is [um] a heap
the team [basically] stopped talking to each other
she would [like] never review anything on time
it is [like] [you know] a trade off
after that everything went well and the customer was happy
I have seen services like that before
the title was not literally translated from German
we need to know who you know and what you see
[I mean] [basically] it was [kind of] my fault
[Well], [you know], [um], there was a conflict
We were, [uh], we were using, [um], two queues
I led the migration, and it was [sort of] [like] three months of work
we had [basically] three services and a shared database
[basically] I said yes to everything
it was, [basically], a rewrite
the two designs are basically identical
it is basically impossible to test
there is basically nothing left of the old code
by the end it was basically done
the lookup is basically constant time
so it is basically the same as a heap
I [basically] had to learn Go in a week
the plan was [basically] to copy the tables one by one
they are [basically] just wrappers around the same client
[literally] everyone was in that call
the table is translated literally
we |[actually] |we never found out
I would |actually |write a test for that first
he had |[like] |a list of forty questions
she works |like |a machine
the client sends it |[right] |and the server stores it
you go |right |at every step
the plan was |[so] |the plan was to wait
we cached it |so |the page was fast
I thought |[well] |maybe it is the network
it went |well |for a month
the queue |[you know] |it grew and grew
it was |[I mean] |it was a mess
what I mean |is that it blocks
some kind of |lock is needed
it was |[kind of] |a secret project
it's |[okay] |let me say it in other words
the result was |okay |for us
we had |[um] |two days
I said so |and nobody listened
[so] |the first thing we do is parse it
[so], how would I do that, [well], I would sort it first
I would say [um] [so] we start with the interface
it was not like the others at all
we were like a family back then
it runs [like] every five minutes
it felt like [like] a punishment
[right] [um] where was I
you take the middle [right] and you compare
she is right about that and I said so
there was [like] a queue in front of the office
there were [like] the usual suspects in that meeting
we had [like] a weekly sync with them
she has [like] the whole schema in her head
it was [like] the only server we had
it is [like] the biggest table in the system
he is like the lead I had before
it was like the one we built in school
and I [like] rewrote the parser that night
they [like] took the server down by accident
I like typed languages
I like automated tests more than manual ones
we'd [like] go through every ticket by hand
I'd like help with the second part
it went from ten to [like] ninety requests
[um] [like] the biggest lesson was to ask early
it was [um] like a queue but on disk
we looked at [uh] [like] the memory graphs
[like] the schema was a mess
like the others it has a lock
the tests were |like |the ones in the book
the users |[like] |they never read the manual
I like to keep it simple
he would [like] never ask for help
just like the first version it was slow
use quick sort of course
I took it too literally
it could crash or something could leak
a map or something with an order
an ah-ha effect
it is ten mm or six mm wide
he did |well |on the second try
the demo went |well |and they signed
it was |[well] |I would call it a draft
you turn |right |after the second one
it is |right |for a small team
the team said |okay |and we went on
the plan is |[so] |I would begin with the tables
the disk was full |so |nothing could be written
I |actually |like on call
he |[actually] |he wrote most of it
what we did |[you know] |was to wait
"""
