"""Leg 3, WRITE: facts become the text of the papers that a deployment needs. Pure: nothing is run or written."""
