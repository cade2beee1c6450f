/* The container around this process and all that it starts: one for all of its guards. On systems
 * that cannot enclose a process as it runs, there is none and nothing happens. */
#ifndef TREEFALL_LIB_ENCLOSURE_H
#define TREEFALL_LIB_ENCLOSURE_H

#include "os/os.h"

/* A guard begins, and one ends. After the last one nobody's end kills what is left. */
void enclosure_join(void);
void enclosure_part(void);
/* The container, before anybody is in it; OS_NO_HANDLE = none. Not the caller's to close. */
os_handle enclosure_handle(void);
/* This process is in it from now on. Again and again is once. */
bool enclosure_enter(void);

#endif
