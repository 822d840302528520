"""A relying platform, as small as one can be and still be right: the example from which real ones are built, and what they are
tested against. It knows the office by its published interfaces only, and imports nothing of the house.

Read in this order: `settings` (what a platform must know), `proof` (who signs in), `sign_in` (challenge, answer, session),
`office` (what is asked of the office), `binding` (first login), `obey` and `webhook` (what the office tells), `pages`.
"""
