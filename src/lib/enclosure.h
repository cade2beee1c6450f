/* The container around this process and everything that it starts, shared by all its guards. On
 * systems that cannot enclose a running process there is none, and these functions do nothing. */
#ifndef TREEFALL_LIB_ENCLOSURE_H
#define TREEFALL_LIB_ENCLOSURE_H

#include "os/os.h"

/* Call when a guard begins or ends. After the last guard, no holder's exit kills what is left. */
void enclosure_join(void);
void enclosure_part(void);
/* The container, before it has members. OS_NO_HANDLE = none. The caller must not close it. */
os_handle enclosure_handle(void);
/* Puts this process into the container. Repeated calls have no further effect. */
bool enclosure_enter(void);

#endif
