"""What the tests stand on: real servers on free ports, with certificates of an authority of their own."""
