"""The recording of a room: both sides on one timeline, encrypted, kept through a crash."""
