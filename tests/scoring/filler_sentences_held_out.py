"""The half of the labelled answers that no rule was tuned on. Marks as in `filler_sentences`.

The first 292 were written and labelled before the rules were last changed, the others after. What
is wrong here is not looked at when a rule is changed, only the figures: to improve the rules,
write new sentences into the other half.
"""

HELD_OUT = """
[um] yeah I'd say my biggest strength is that I finish things
my role on the project was mostly back end but I also did some of the front end
[so] [um] the project I want to talk about is the checkout rewrite we did last year
we had about six weeks and [like] two of those were lost to a reorg
it was [like] the third time that month that the build had broken
I would like to say we planned for it but we didn't
[well], the short answer is that it depends on the read pattern
I didn't feel well that week so my colleague covered for me
the migration went well apart from one table
[so] [basically] you keep two pointers and move them towards each other
they are basically the same thing under the hood
[I mean] we could have used Kafka but it felt too heavy
what I mean is that the lock is held too long
[you know], when you join a team like that you have to earn trust first
you know when a system is healthy because the graphs are boring
she knew the code base really well and I learned a lot from her
it's [kind of] hard to explain without a whiteboard
I like the kind of work where you see the result quickly
that was the right call at the time
[right], [so] the first thing I'd check is the logs
the service was [um] it was timing out under load
[uh] I guess I would start by asking how many users there are
the reads go to the replica and the writes go to the primary, [right]?
if I remember right it was a Friday
everyone was on call all the time and [you know] people were tired
I actually enjoy code review
[actually], let me take that back, the complexity is n log n
the tests were actually passing on my machine
we were [actually], [uh], using the wrong credentials
and [so], [like], the whole thing fell over
[so] we decided to roll back and look at it in the morning
I told him what I had seen so he could fix it
the cache was cold so every request hit the database
[okay] so far so good
[okay], [so] the input is a string and I need the longest palindrome
it's okay if the consumer is slow because the queue is durable
[er] I'd probably go for a B-tree index there
[Um], my manager, she, [uh], she asked me to lead the review.
We had, [like], no documentation at all.
The thing I'd do differently is talk to the users sooner.
I was like, why is nobody looking at this alert?
he was like we should just restart it
it took something like four hours to restore
we tried things like sharding and read replicas
it looked like a network problem but it was DNS
a linked list is like a chain of boxes
[so] it behaves like a set but it keeps the order
[like], if the token expires, the client has to log in again
there's [like] a background job that cleans them up
we wrote it in Go, which I like, and it was fast enough
would you like the long version or the short one
I feel like I grew a lot in that role
we had meetings [and stuff] but nobody made decisions
I would use Redis [or something like that] to keep the sessions
either Redis or something with persistence would do
[hmm] let me think for a second
[Hmm], I have not used that one in production.
[ah] I see what you mean
[uhh] that was in twenty nineteen I think
we used OAuth, [um], and the refresh tokens were in a cookie
it scales horizontally as well as vertically
as well as that we had monitoring
performance was good as well
[well] first of all I apologised to the client
and I thought [well] that can't be right
I know Python well and I have some Rust
the interface was well thought out
it was a well designed API
oh [well] we shipped it a week late
all is well that ends well as they say
the right side of the tree is handled the same way
you rotate right and then you rotate left
we fixed it right there in the meeting
do I have that right
everyone has the right to see their own data
you push the node onto the stack [right] and then you pop it when you come back
it's a distributed system, [right], so clocks drift
it's a hash, [right], [like] a fingerprint of the file
[so] that was the right approach for us
I asked if that was all right with her
[so] yeah that is the main idea
[so], yeah, I would add a dead letter queue
that is the trade off I would make, [so], yeah
we didn't have enough people so I did both jobs
it was so slow that people gave up
not so much a bug as a missing feature
I said so at the time
[so] to make it faster we precomputed the totals
[so] when the leader fails a follower takes over
the pods kept restarting, so I looked at the memory limits
they wanted it by Monday so I said no
the more keys you have the slower it gets, so you partition
if so we throw an error
why so many retries
I am not so sure about that
and so the incident was closed
[so] in terms of testing I wrote unit tests first
[so] at my last company I ran the data platform team
[So] I think there are two ways to look at this.
[Okay], I think I'd go with the first option.
are we okay to move on
the health check returned okay but the service was dead
[okay] yeah that makes sense
[sort of] a mix of support and development I'd say
it was a sort of internal tool
we [sort of] inherited it from another team
what sort of scale are we talking about
I used merge sort of course
people were [kind of] afraid to touch that module
one of a kind of deal
it is kind of you to say that
the load balancer [kind of] spreads the requests
there are all kinds of reasons for that
a different kind of index would help
the customer was, [kind of], the loudest voice in the room
I don't know, maybe a week [or something]
we could cache it or something could be done in the client
I [literally] rewrote the whole thing over a weekend
he took the requirement too literally
it was [literally] one line of code
[basically] I owned the release process from start to end
what it does is [basically] it walks the tree twice
there was basically no monitoring when I joined
it is basically free because the data is already sorted
my job was [basically] to unblock people
[Basically], the consumer commits its offset after the write.
[you see] the problem there is ordering
as you see the sum never goes down
you know what you are going to get with Postgres
I don't know, [you know], it's hard to say who was right
we were [you know] trying to do the right thing
it was my first lead role and [you know] I made mistakes
and you know that the disk is full only when it fails
do you know the CAP theorem
let me know if I should go deeper
the people you know there will vouch for you
you never know what the input looks like
how do you know it is balanced
because you know the size up front you can preallocate
it was tense, [you know], but we got through it
not that I mean to complain
I mean business when I say no downtime
it worked, but [I mean], it was ugly
[I mean], who wouldn't cache that
does that mean the write is lost
what do you mean by idempotent
the sharding key, [I mean] the partition key, was the user id
[mm] probably not
[mmm] I think I'd push back on that
five mm of tolerance on the part
uh-huh yes I follow
[um] [um] sorry can you say that again
I would [um] probably [uh] split the table by month
[er], not really, no
err on the side of caution and validate everything
he was taken to the ER during the outage
I'd draw an ER diagram first
the team in the US handled the night shift
a hummingbird sized prototype
ah-ha moments are rare
[Ah], that is a fair point.
we had this [uh] feature flag system that nobody owned
In production it [um], it behaved differently.
I was hired as a junior developer and became the lead after two years.
My first step was to reproduce the bug on a small data set.
Then I wrote to everyone who was affected and explained what we had lost.
A mutex protects the map, and readers take it only for a short time.
You can do that in linear time if you keep the counts in a dictionary.
I prefer small pull requests because they get reviewed the same day.
We measured it before and after, and the p95 fell from two seconds to three hundred milliseconds.
The part I found hardest was saying no to the sales team.
There were five of us, and I was the only one with operations experience.
the event loop runs the callbacks in order
we put a rate limiter in front of the login page
the index makes the read fast and the write slower
I broke the work into small tickets and we did two a day
every node keeps a copy and they vote on the order
the password is hashed with a salt and never stored
I would ask the interviewer about the size of the data first
my lead did not agree and we talked it over for an hour
if two threads write at once the last one wins
what the customer wanted was a report by email
[so] [um] [like] the first thing I did was [uh] look at the dashboards
[um] [I mean] [like] it was nobody's fault really
[well] [um] [you know] I had never managed anyone before
[okay] [so] [um] a deadlock is when two threads wait for each other
it was [like] [um] maybe ten thousand rows a second
we got it down to [like] fifty milliseconds
the other team was [like] really supportive
nobody [like] sat down and asked why
so I [like] went through all the logs by hand
I had to [like] convince three different teams
they'd [like] send us a spreadsheet every week
and then [like] a week later it happened again
it's not like we had a choice
it's not like that any more
there was nothing like it on the market
unlike Java it has no checked exceptions
like most teams we had too many meetings
in cases like this I ask for help
she treats everyone like an adult
it reads like prose
if you like I can sketch it
whatever you like
the way I like to think about it is as a pipeline
they didn't like the idea at first
as soon as I see something like that I open a ticket
it sounded like a good plan
more like a cache than a database
I'd like to understand the constraints first
do you want something like a class or just functions
with [like] zero downtime
because [like] you can't just drop the table
it was just [like] a mess of callbacks
I was [like] the only tester there
you have [like] a producer and [like] a consumer
that's [like] the main reason I left
[right] [um] let me think about edge cases
right now I lead a team of four
right after that I joined a startup
I think you're right about the index
that doesn't sound right to me
right, left and root are all visited
if the right child is empty you go up
and that was right in the middle of the holidays
we want to do right by the customer
the value is copied, [right], and the original stays the same
you send it once [right] and the broker keeps it
we had two options [right] either rewrite it or patch it
the numbers have to come out right
swipe right to accept
I was the right person for it I think
[well] I suppose the biggest risk was the data
[well] no the other way round
[Well], that was the theory.
we didn't test it well enough
how well did you know the domain
it went really well in the end
a wishing well is a good metaphor for our backlog
I might as well tell you the whole story
it could well be a race condition
[well] to be fair they had a lot on
she said [well] you should have told me
it handles errors well because everything is typed
[so] what happened was the certificate expired
[so] for example if you have ten servers
there was no owner so nobody cared
the job had changed so that's why I left
it was late so so was the release
we log everything so we can replay it
even so I would not do it again
or so I thought
an hour or so later it was back
I did so because the deadline was fixed
[so] [well] I disagreed
I learnt that it is okay to ask
I'm okay with ambiguity
[okay] let me start over
the deal was okay, not great
it was |[like] |the worst week of my career
it was like the first version but faster
the server |[you know] |it was never patched
when you know |the schema you can write the query
we |[um] |we tried to fix it on the fly
the answer is |[so] |the answer is that you can't
I changed the config so |the pods would restart
the cache is warm |[right] |and the second read is fast
turn to the |right |node and delete it
he did |well |in that role
I said |[well] |we can try it for a sprint
it was |[basically] |my idea to split the service
we went with |[I mean] |we had to go with the vendor
it is |[sort of] |a hybrid of both
I pushed the fix |[okay] |and then it broke again
there was |[like] |a week where nothing worked
I |like |tests that read like a story
the tree is balanced |so |every path has the same length
it was fine |[actually] |it was better than fine
what |actually happened was a double free
the job runs at night |[you know] |when nobody is on the site
they had |[uh] |they had no staging at all
I handled it |well |and the customer stayed
we ask the index |[right] |the index tells us the page
that is |[kind of] |what I expected
I want to do it |right |this time
the code was |so |slow that we rewrote it
and then |[so] |I called the vendor
it's like |a map from names to numbers
people |[like] |they just ignored it
the question is |[well] |what do you mean by fast
[Um], |I would start with a simple queue.
the design was |okay |for ten users
my first thought was to add a cache and my second was to measure
[um] it's a bit like a library where you borrow books
I was on call that night so I got the page first
[so] in that role I was [um] I was mainly doing pipelines
the product manager was not happy and [you know] I understand why
[well] I can walk you through it step by step
the main lesson was that we should have talked to legal earlier
I [kind of] stumbled into data engineering
what kind of trade offs did you see there
we moved everything to the cloud and the bill doubled
[you know], I'd rather be honest about that
she asked me whether I knew the system well enough
you could use a trie or something more compact
we used Jenkins [or something], I forget
it took us [like] three tries to get the schema right
there's a table called like underscore counts
I like how Go handles errors
the lock is released right before the commit
[right], that's the part I would change
and then the lead goes [like] no way we ship this
I mean the second one, not the first
[I mean], the deadline was never realistic
I'm basically a back end person
[basically] what we built was a queue with priorities
it all went well until the second week
[okay] [um] suppose the list has a cycle
is it okay to use extra memory
[uh] no I have not worked with Kubernetes
you need [uh] a quorum, so three of five
so many things went wrong that day
so long as the key is unique it works
[so], [um], consistency here means every read sees the last write
I actually like legacy code
[actually] I would not use a queue there
he actually fixed it within the hour
the design doc was sort of a contract between the teams
they [sort of] agreed but nothing changed
we paired on it, and she showed me how to read the flame graph
it is linear in the number of edges plus the number of nodes
a good commit message says why and not what
I would split the monolith along the teams
[hmm] off the top of my head I would say quadratic
[er] the other thing is [er] cost
the word count goes into a map and then we sort by value
you know that feeling when the build is green at last
everybody [you know] had an opinion
that's the way it is, [you know]
I don't know, I don't think we ever measured that
the error budget was gone by the tenth of the month
she is the sort of lead who writes code
we talked to support, to sales and to the users themselves
the batch job is |[um] |it is written in Scala
we had |[like] |no time to test
the reviewers |[you know] |they were tired too
I looked at it |so |I knew what was wrong
it works |well |at small scale
the shard is picked |[right] |and the rest is ignored
then |[I mean] |it was not only my work
I would |like |to add one thing
[well] |that was the plan anyway
[so] |the root cause was a missing index
the tests were |right |about that
[actually] |can I change my answer
"""
