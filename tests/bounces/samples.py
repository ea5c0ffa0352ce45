"""All samples."""

from tests.bounces import samples_of_postfix

SAMPLES = samples_of_postfix.SAMPLES
