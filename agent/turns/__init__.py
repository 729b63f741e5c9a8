"""Turn taking: when an answer is over, and what over the interviewer's voice is none.

Pure. `endings` reads the words, `decision` is the table of waits, `turns` the state machine that a
room feeds, `overlap` what is heard while the interviewer speaks.
"""
