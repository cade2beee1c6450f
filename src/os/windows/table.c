#include "os/windows/table.h"

#include <stddef.h>
#include <string.h>

#define SYSTEM_PROCESSES  5
#define LENGTH_MISMATCH   ((LONG)0xC0000004)
#define FIRST_TABLE_BYTES ((ULONG)256 * 1024)
#define TRIES             8
#define COARSENESS        10000000 /* a second: the time of day is read in steps, births are not */

/* SYSTEM_PROCESS_INFORMATION, as far as we read it; winternl.h hides the names. */
struct entry {
    ULONG next;
    ULONG threads;
    LARGE_INTEGER unread[3];
    LARGE_INTEGER created;
    LARGE_INTEGER user_time;
    LARGE_INTEGER kernel_time;
    USHORT name_bytes;
    USHORT name_capacity;
    const wchar_t *name;
    LONG priority;
    HANDLE pid;
    HANDLE parent;
};

typedef LONG(WINAPI *query_system)(ULONG what, void *out, ULONG size, ULONG *needed);

/* The whole table, in pages of `*bytes`; NULL = it cannot be read. */
static void *table_take(ULONG *bytes)
{
    query_system query = (query_system)win_function(L"ntdll.dll", "NtQuerySystemInformation");
    ULONG needed = 0;
    *bytes = FIRST_TABLE_BYTES;
    for (int i = 0; query && i < TRIES; i++) {
        void *table = os_pages(*bytes);
        LONG status = table ? query(SYSTEM_PROCESSES, table, *bytes, &needed) : -1;
        if (status >= 0)
            return table;
        os_pages_free(table, *bytes);
        if (status != LENGTH_MISMATCH)
            break;
        *bytes = needed + needed / 4; /* the table grows meanwhile */
    }
    return NULL;
}

/* A name that does not fit is cut between characters. */
static void take_name(const struct entry *entry, char *out)
{
    int chars = entry->name_bytes / (int)sizeof(wchar_t);
    int length;
    while ((length = WideCharToMultiByte(CP_UTF8, 0, entry->name, chars, out,
                                         PROCESS_NAME_BYTES - 1, NULL, NULL)) == 0 &&
           chars > 0)
        chars--;
    out[length] = '\0';
}

/* The clock that dates processes can be set back. A process dated in the future may be older than
 * the process that now has its dead parent's number. Then nothing proves whose child it is. */
static bool is_dated_well(const struct entry *entry, uint64_t now)
{
    return (uint64_t)entry->created.QuadPart <= now + COARSENESS;
}

static struct process_row row_of(const struct entry *entry, uint64_t now)
{
    struct process_row row = {
        .id = {(int32_t)(uintptr_t)entry->pid, (uint64_t)entry->created.QuadPart},
        .ppid = is_dated_well(entry, now) ? (int32_t)(uintptr_t)entry->parent : 0,
        .state = entry->threads > 0 ? PROCESS_RUNS : PROCESS_DEAD,
    };
    take_name(entry, row.name);
    return row;
}

struct error table_read(bool (*told)(void *context, const struct process_row *row), void *context)
{
    ULONG bytes;
    FILETIME now;
    char *table = table_take(&bytes);
    if (!table)
        return win_failed("read the process table", NULL);
    GetSystemTimeAsFileTime(&now);
    for (const struct entry *entry = (const void *)table;;
         entry = (const void *)((const char *)entry + entry->next)) {
        struct process_row row = row_of(entry, win_time(now));
        if (!told(context, &row) || entry->next == 0)
            break;
    }
    os_pages_free(table, bytes);
    return ERROR_OK;
}

uint64_t table_start_of(HANDLE process)
{
    FILETIME created;
    FILETIME ended;
    FILETIME kernel;
    FILETIME user;
    return GetProcessTimes(process, &created, &ended, &kernel, &user) ? win_time(created) : 0;
}
