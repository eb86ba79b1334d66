"""How often a verdict cries wolf, and what it sees beside what others see: measured, kept, and put on a page."""
