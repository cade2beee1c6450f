/* Treefall's own exit statuses, as in timeout(1) and the shells. Any other status is the
 * command's. */
#ifndef TREEFALL_BASE_STATUS_H
#define TREEFALL_BASE_STATUS_H

enum exit_status {
    STATUS_DONE = 0,
    STATUS_TIMED_OUT = 124,      /* after --timeout, or without a heartbeat */
    STATUS_FAILURE = 125,        /* treefall failed, was misused, or a process survived */
    STATUS_CANNOT_EXECUTE = 126, /* the command exists, but cannot be executed */
    STATUS_NO_COMMAND = 127,     /* there is no such command */
    STATUS_SIGNALLED = 128,      /* plus the number of the signal that killed the command */
    STATUS_KILLED = STATUS_SIGNALLED + 9,
};

#endif
