"""Will this mail be delivered, and if not, why and whose fault is it?"""

__version__ = "0.2.0"
