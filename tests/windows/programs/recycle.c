/* Makes a pid number come back.
 *
 *   recycle PROGRAM MARK ROLE...
 *
 * A first process starts one of the role `stranger` and dies: it says `stranger PID LINUX-PID`.
 * Then processes are made and ended, asleep all their life, until one has the number of the dead
 * first; that one runs as `PROGRAM MARK ROLE...`, and the stranger's recorded parent is now its
 * number. Says `recycled PID after COUNT`. */
#include "ward.h"

enum { MAX_TRIES = 20000 };

static HANDLE launch(const char *line, DWORD flags, PROCESS_INFORMATION *made)
{
    char copy[3 * MAX_PATH];
    STARTUPINFOA setup = {.cb = sizeof setup};
    /* Wine fails now and then, with ERROR_INTERNAL_ERROR, when processes come and go so quickly. */
    for (int tries = 0; tries < 10; tries++) {
        snprintf(copy, sizeof copy, "%s", line);
        if (CreateProcessA(NULL, copy, NULL, NULL, TRUE, flags, NULL, NULL, &setup, made))
            return made->hProcess;
        Sleep(10);
    }
    die("CreateProcess");
    return NULL;
}

static void let_go(PROCESS_INFORMATION *made)
{
    CloseHandle(made->hThread);
    CloseHandle(made->hProcess);
}

/* Its number; nobody holds it any more. */
static DWORD start_and_end_first(const char *line)
{
    PROCESS_INFORMATION first;
    WaitForSingleObject(launch(line, 0, &first), INFINITE);
    let_go(&first);
    return first.dwProcessId;
}

int main(int argc, char **argv)
{
    char first[MAX_PATH * 2], again[MAX_PATH * 3];
    PROCESS_INFORMATION made;
    DWORD wanted;
    int tries = 0;
    if (argc < 3)
        return 99;
    snprintf(first, sizeof first, "\"%s\" \"%s\" =pass-stranger", argv[1], argv[2]);
    snprintf(again, sizeof again, "\"%s\" \"%s\"", argv[1], argv[2]);
    for (int i = 3; i < argc; i++)
        snprintf(again + strlen(again), sizeof again - strlen(again), " %s", argv[i]);
    wanted = start_and_end_first(first);
    while (launch(again, CREATE_SUSPENDED, &made), made.dwProcessId != wanted) {
        TerminateProcess(made.hProcess, 0);
        WaitForSingleObject(made.hProcess, INFINITE);
        let_go(&made);
        if (++tries == MAX_TRIES)
            die("the number does not come back");
    }
    say("recycled %lu after %d", made.dwProcessId, tries);
    ResumeThread(made.hThread);
    WaitForSingleObject(made.hProcess, INFINITE);
    return 0;
}
