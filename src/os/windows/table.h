/* The process table: all processes in one call, without a right to any of them. */
#ifndef TREEFALL_OS_WINDOWS_TABLE_H
#define TREEFALL_OS_WINDOWS_TABLE_H

#include "os/windows/win.h"

/* Calls `row` for each; stops when that says false. */
struct error table_read(bool (*row)(void *context, const struct process_row *row), void *context);
/* When a process was made; 0 = not known. */
uint64_t table_start_of(HANDLE process);

#endif
