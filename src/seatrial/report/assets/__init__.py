"""The style and the script of the HTML report, which are put into the page."""
