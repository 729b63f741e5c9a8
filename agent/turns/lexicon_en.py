"""English words by what they say about whether an answer goes on. Data, and nothing else.

Everything is matched in lower case, with straight apostrophes and without punctuation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LANGUAGE = "en"

SHORT_WORDS = 4
"""An answer of no more words could as well be the beginning of one."""

# -- the last word -------------------------------------------------------------------------------

FILLERS = frozenset("um uh uhm umm uhh erm er ah hmm hm mm eh".split())

NEVER_LAST = frozenset(
    """a an the my your our their and or but because although though while if when whenever unless
    until since whereas whether then than which who whose where as i we they he she let's lets
    i'm we're they're he's she's i'd we'd they'd i'll we'll they'll i've we've they've
    into onto upon between among during via per plus versus basically essentially maybe perhaps
    firstly secondly thirdly very really quite every each such""".split()
)
"""No sentence ends on these: articles, possessives, conjunctions, subjects, intensifiers."""

SELDOM_LAST = frozenset(
    """of to in on at for with from by about like so that this these its his her you it's that's
    there's also just actually probably well is are was were be been have has had do does did can
    could would will should might must mostly mainly usually finally another what how why""".split()
)
"""A sentence may end on these ("what it was for", "yes we did"), but more often goes on."""

_VERBS = "is|are|was|were|be|been|do|does|did|can|could|would|will|should|might|have|has|had"
LAST_AFTER_ALL = re.compile(
    "(?:"
    + "|".join(
        (
            r"\b(?:as well|and so on|and so forth|for sure|of course|for now|by then)$",
            # "I would do that", "because of this"
            r"\b(?:like|about|after|before|than|of|with|did|do|done|doing|to|for|from|in|on|by)"
            r" (?:that|this)$",
            r"\b(?:has|have|had|needs?|ought|supposed|used|wants?|wanted|likely) to(?: be)?$",
            # particles and prepositions that belong to the verb before them
            r"\b(?:logged|signed|built|plugged|checked|came|went|go|goes|fits?) (?:in|on|out|off)$",
            r"\b(?:work(?:ing|ed)?|going|went|moved?|carried|based|early|later) on$",
            r"\b(?:deals?|dealt|works?|worked|agreed?|started|began|begin|fine|happy|okay) with$",
            r"\b(?:think|thought|cared?|talk(?:ed)?|know|knew|worr(?:y|ied)) about$",
            r"\b(?:look(?:ing|ed)|hoped|asked|waiting|used|needed|meant|made|paid|is|was|are) for$",
            # questions inside the sentence: "how many results there are", "who she is"
            r"\b(?!(?:so|and|but|then|well|um|uh|now) )\w+ (?:who|what|where|how|which|why)"
            rf"(?: \w+){{1,5}} (?:{_VERBS})$",
            # "yes we did", "no it's not"
            r"^(?:yes|yeah|no|nope|well) (?:\w+ )?(?:i|we|it|they|he|she|you|that|there)"
            rf" (?:{_VERBS})$",
        )
    )
    + ")"
)
"""Ends on such a word, and is none the less whole."""

OPEN_PHRASES = (
    "you know", "i mean", "sort of", "kind of", "for example", "for instance", "such as",
    "in order", "let me see", "how do i say", "how do i put it", "how should i say",
    "what is it called", "what's it called", "what do you call it", "the thing is", "the idea is",
    "the question is", "on the other hand", "on the one hand", "in terms", "as far as",
    "first of all", "to begin with", "to start with", "after that", "the next thing",
    "the first thing", "the second thing", "and then", "something like", "the reason", "let's say",
    "what i did", "what we did",
)  # fmt: skip
"""Whoever stops on these has broken off, or is looking for a word."""
TAGS = ("i think", "i guess", "i would say", "i'd say", "i believe", "i suppose")
"""They open a sentence or, as often, are hung on its end."""

SUBJECT_IT = re.compile(r"\b(?:and|or|but|because|if|when|so|that|then|while|since|as) it$")
""""It" as what a new clause is about; elsewhere it ends a sentence like any noun."""

# -- what is owed --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """Who says `opens` says `closes` later; after `within` words nobody waits for it."""

    opens: re.Pattern[str]
    closes: re.Pattern[str]
    within: int


_NEXT = (
    r"\b(?:second|secondly|then|next|after that|finally|lastly|another|the other|also|once"
    r"|and in the end)\b"
)
PAIRS = (
    Pair(
        re.compile(
            r"(?:^|\b(?:so|and|well|um|uh|okay|but) )"
            r"(?:first|firstly|number one|step one)\b(?! time)|\bfirst of all\b"
            r"|\bto (?:begin|start) with\b"
            r"|\bthe first (?:thing|step|one|reason|part|way|option|problem|idea)\b"
        ),
        re.compile(_NEXT),
        25,
    ),
    Pair(
        re.compile(
            r"\bone (?:reason|option|way|thing|approach|possibility|idea|problem|part|side|case)"
            r" (?:is|was|would|i|we|could)\b"
        ),
        re.compile(_NEXT + r"|\bor\b"),
        25,
    ),
    Pair(re.compile(r"\bon (?:the )?one hand\b"), re.compile(r"\bother(?: hand)?\b"), 40),
    Pair(re.compile(r"\bnot only\b"), re.compile(r"\bbut\b|\balso\b"), 20),
    Pair(re.compile(r"\beither\b(?!$)"), re.compile(r"\bor\b"), 15),
)

LIST_ANNOUNCED = re.compile(
    r"\b(?:there (?:are|were|is)|have|had|has|see|think of|consider|considered|following|are|were)"
    r"(?: \w+){0,2} (two|three|four|five|several|a few|a couple of|multiple|different|many)"
    r" (?:\w+ ){0,2}?(?:things|reasons|ways|options|parts|steps|points|approaches|cases|problems"
    r"|challenges|issues|types|kinds|components|layers|aspects|factors|solutions|ideas|phases"
    r"|stages|strategies|mistakes|lessons|goals|sides)\b"
)
LIST_SIZES = {"three": 3, "four": 4, "five": 5}
"""Others are two, at least."""
LIST_ITEM = re.compile(
    r"\b(?:first|second|third|fourth|fifth|firstly|secondly|thirdly|one (?:is|was|would|could)"
    r"|another|the other|also|then|finally|lastly|either|or)\b"
)
LIST_WITHIN_WORDS = 60
LIST_UNBEGUN_WORDS = 12
"""A list without any "first" after so many words is told without such words."""
ITEM_WORDS = 4
"""An item of a list is at least so long."""

SUBORDINATE = re.compile(
    r"(?:^|\b(?:so|and|but|well|um|uh|okay|or|then|now|because) )"
    r"(?:if|when|whenever|unless|whereas|while|although|even though|as long as|as soon as|once) "
    r"((?:\w|['])+(?: (?:\w|['])+){0,6})$"
)
"""A clause that only leads to another, and its words up to the end."""
MAIN_CLAUSE = re.compile(
    r"\bthen\b|\b(?:we|i|you|they|it|he|she|there)\b.*\b(?:we|i|you|they|it)\b"
)
"""Something that looks like the other has come: "then", or a second subject."""

# -- whole turns and closes ----------------------------------------------------------------------

ACKNOWLEDGING = frozenset(
    """okay ok right sure yes yeah yep yup no nope alright hmm hm mm mhm mmhm well so good great
    nice interesting thanks thank you got it i see cool fine hello hi hey um uh ah
    oh""".split()
)
MAX_ACKNOWLEDGING_WORDS = 5
OPENERS = frozenset({"well", "so"})
"""After these even an acknowledgement goes on."""

ASKS_TIME = re.compile(
    "(?:"
    + "|".join(
        (
            r"\blet me (?:just )?(?:think|see)(?: (?:about|of) (?:it|that|this))?",
            r"\bi(?:'m| am) (?:just )?thinking",
            r"\bi (?:have|need) to think(?: about (?:it|that|this))?",
            r"\b(?:give me|just|wait|need|have|take) (?:just )?(?:a|one|another) (?:quick )?"
            r"(?:second|sec|moment|minute|bit)",
            r"^(?:(?:just|give|me|one|a|wait|please|sorry|okay|um|uh) ){0,4}"
            r"(?:second|sec|moment|minute)",
            r"\bhold on|\bhang on",
            r"\bhow (?:do|should) i (?:say|put)(?: it| this)?",
            r"\bthat's a (?:good|great|hard|tough|interesting) (?:question|one)",
            r"\b(?:good|great) question",
        )
    )
    + r")(?: please| for a (?:second|sec|moment|minute|bit)| to think| here)*$"
)
GIVES_UP = re.compile(
    r"(?:^|\b(?:well|so|sorry|but|um|uh|hmm|okay|honestly) )"
    r"(?:i (?:\w+ )?(?:don't|do not) (?:\w+ )?know|i(?:'m| am) (?:\w+ )?not (?:\w+ )?sure"
    r"|(?:i have )?no (?:idea|clue))(?: sorry| yet)?$"
)
"""Complete, and none the less the way in which many begin to think aloud."""
CLOSES = re.compile(
    r"\b(?:that's it|that is it|that's all|that is all|that's my answer|that is my answer|i'm done"
    r"|i am done|that's about it|that would be it|that'd be it|that would be my answer|nothing else"
    r"|that's everything|that's pretty much it|that's basically it|and that's that|i'm finished"
    r"|(?:does|did) that (?:make sense|answer (?:your|the) question|help)|if that makes sense"
    r"|hope that (?:helps|makes sense|answers (?:it|your question|the question))"
    r"|what do you think|is that (?:okay|ok|right|correct|what you mean|enough))"
    r"(?: really| i think| i guess| from me| so far| for now| yeah)?$"
)
YIELDS = re.compile(r"\b(?:and |but )?so yeah$|\bor something(?: like that)?$|\byeah$")
"""Trailing off: English speakers hand over with a "so, yeah"."""
CONCLUDES = re.compile(
    r"\b(?:so that's (?:how|why|what|basically|pretty much|my|the)|that's how|that's what i would"
    r"|and that's (?:how|why|what)|in the end|at the end of the day|overall|all in all|to sum up"
    r"|in short|in summary|in conclusion|long story short|so in total|to conclude"
    r"|(?:i|we) learned (?:a lot|that|to|how)|and it worked|which is what|ever since)\b"
)
CONCLUSION_WORDS = 16
"""A conclusion is a clause: what began longer ago is something else."""

# -- over the interviewer's voice ----------------------------------------------------------------

_SOUND = r"(?:m+(?:h+m+|hm)?|h+m+|u+h+(?:m+)?|u+m+|e+r+m*|a+h+|o+h+|e+h+|a+w+)"
SOUND = re.compile(_SOUND)
MAX_BACKCHANNEL_WORDS = 5
BACKCHANNELS = re.compile(
    rf"(?:(?:{_SOUND}|mm hm+|uh huh|ye+a+h*|ya|yep|yup|yes|ok|okay|k|alright|all right|right|sure"
    r"|i see|got it|gotcha|understood|exactly|true|cool|great|nice|good|fine|perfect|wow|really"
    r"|of course|absolutely|definitely|(?:that )?makes sense|(?:that )?sounds good|fair enough"
    r"|interesting|go on|i understand|thanks|thank you)(?: |$))+"
)
FIRST_PERSON = frozenset("i me my mine we us our i'm i'd i've i'll we're we'd".split())
"""The candidate's own words for what the interviewer calls "you": no echo of it."""
