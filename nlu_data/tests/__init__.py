"""Tests of what needs numpy and scikit-learn: `python -m unittest discover -s tests -t .` in Rasa's environment.

Plain unittest, so that Rasa's environment needs nothing that serving does not; the bot's test suite runs them.
"""
