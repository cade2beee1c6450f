/* The process table: all processes in one call, without any right to them. */
#ifndef TREEFALL_OS_WINDOWS_TABLE_H
#define TREEFALL_OS_WINDOWS_TABLE_H

#include "os/windows/win.h"

/* Calls `row` for each process, until `row` returns false. */
struct error table_read(bool (*row)(void *context, const struct process_row *row), void *context);
/* When a process was created; 0 = not known. */
uint64_t table_start_of(HANDLE process);

#endif
