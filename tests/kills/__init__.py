"""Engines killed with SIGKILL at every moment: nothing is lost, nothing is made twice, no database is damaged.

How it works. A *campaign* is one data folder, one emulated provider with lab hosts behind it, and one engine process
after another. The emulator is a process of its own with its state on disk: it survives every kill and is the judge of
what exists. The test process is a client of the data folder like a console: it writes requests and reads rows, and is
never killed. ``engine_process`` has everything imported and forks an engine for each line it reads, so a restart after
a kill takes 0.1 s.

Kills come in two ways. *At a moment*: the engine kills itself with SIGKILL right after the transaction that wrote a
given state (a step running, a step done, an intent open or created) is committed, so that each boundary is hit for
certain; or the provider holds a call, and the engine is killed when that has come to it. *At random*: the test kills
after a pause from a seeded generator while two jobs are kept under way; the kinds are drawn by the same generator.

The process that forks hears how each engine ended: by SIGKILL, or the test fails. A wait that is in vain tells what its
judge needs (``witness``): jobs, the errors of dials, hosts, the provider's books and what was done there, the log and
where threads stand.

After each kill ``PRAGMA integrity_check`` runs over both databases. In the end an engine is left alone until
every job has ended; what did not succeed must have a cause, and is rolled back as a person would. Then the emulator's
books must match ours: an *orphan* is a droplet that no live server row names, a *double* a second droplet of one
intent or one name, and no login key may be left over. The control runs the same kills with a journal that writes no
intents: it must show orphans, else all of this proves nothing.
"""
