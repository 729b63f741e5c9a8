"""What an interviewer does not say, whoever phrases it: praise, judgements, results, itself.

Patterns for lower-cased English sentences with straight apostrophes; pure.
"""

from __future__ import annotations

import re

SPEAKS_OF_RESULTS = re.compile(
    r"\b(?:pass(?:ed|es|ing)?|fail(?:ed|ing)?|hired?|hiring|the job|job offer|offer(?:ed)? you"
    r"|(?:an?|the|your) offer|next (?:round|stage|steps?)|scor(?:e|es|ed|ing)|marks?|grade[sd]?"
    r"|rating|rated?|results?|points?|(?:\d+|\w+ty|hundred) percent"
    r"|out of (?:ten|five|a hundred|\d+)|congrat\w*"
    r"|guarantee[ds]?|promis\w+|recommend\w*|select(?:ed|ion)|accept(?:ed|ance)|approv\w+"
    r"|reject\w*|shortlist\w*|qualif\w+|chances?|succe(?:ss\w*|ed\w*)|nailed|aced|decision"
    r"|you(?:'re| are) (?:in|through|done|finished|the one)"
    r"|you(?:'ll| will) (?:get|be|have|make|do)"
    r"|will be (?:fine|okay|ok|all right)|salary|contract|welcome to the team)\b"
)
JUDGES = re.compile(
    r"\b(?:excellent|fantastic|amazing|awesome|brilliant|wonderful|impress\w+|superb|outstanding"
    r"|terrific|(?:in)?correct(?:ly)?|wrong|exactly|well done|well said|spot on|clever|smart"
    r"|strong(?:ly)?|weak|poor|bad|best|better|worse|unfortunately|interesting|insight\w*|thorough"
    r"|solid|detailed|helpful|lov(?:e|ed|ely)|nice(?:ly)?|valuable|useful|mistakes?|talent\w*"
    r"|(?:did|do|doing|done) (?:\w+ )?(?:well|fine|great|good)|genius|expert|proud|deserv\w+|sorry"
    r"|(?:great|good|perfect|right)(?! (?:thank|thanks|to (?:have|see|meet) you)\b)(?=\s+\w)"
    r"|(?:is|was|were|that's|it's|sounds?) (?:great|good|perfect|right))\b"
)
SPEAKS_OF_ITSELF = re.compile(
    r"\b(?:my name|(?:i am|i'm|as) an? |language model|chatbot|in my (?:experience|opinion|view)"
    r"|system message|passwords?|api|prompts?|instruct\w*|json|wording|developer|jailbr\w+"
    r"|rephras\w+ (?:is|it) as)\b"
)


def judged_by(lowered: str) -> str:
    """Which manner a sentence of any interviewer breaks; empty for none."""
    if SPEAKS_OF_RESULTS.search(lowered):
        return "speaks of results"
    if JUDGES.search(lowered):
        return "judges the answer"
    return ""
