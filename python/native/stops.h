/* The guards that are told when this process is asked to stop. Callers hold the GIL. */
#ifndef TREEFALL_PYTHON_STOPS_H
#define TREEFALL_PYTHON_STOPS_H

struct treefall;

/* With the first guard, SIGINT and SIGTERM are noticed on their way to the handlers that Python, or
 * who else, has for them. Beyond STOPS_GUARDS a guard hears nothing of them. */
#define STOPS_GUARDS 16
void stops_add(struct treefall *guard);
/* From its return on `guard` is told nothing, so it may be freed. */
void stops_remove(struct treefall *guard);
/* Handlers that were set anew since are noticed on the way to again. */
void stops_renew(void);
/* How many SIGINT were noticed so far. */
unsigned stops_interrupts(void);

#endif
