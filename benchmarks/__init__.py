"""How fast seatrial is, side by side with its peers on the same machine in the same run: `make bench`."""
