"""The one place that opens sockets: the seam, the real network, and what it is made of."""
