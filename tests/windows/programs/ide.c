/* Plays the IDE: starts a command in a job that falls when its handle is closed, and presses Stop.
 *
 *   ide [--no-job] [--console=window|own|none|parent] [--group] [--output=FILE] COMMAND...
 *
 * The command line behind the options is handed on as it stands. Says `started PID`, and `ended
 * STATUS` when the command has ended. Orders on the standard input: `ctrlc` (to all on the
 * command's console), `terminate` (the command alone), `close` (the job), `forget` (the handle of
 * the command, which is kept also when it is dead), `tell LINE` (a line for the command). */
#include "ward.h"

static HANDLE job;
static HANDLE process;
static DWORD pid;
static HANDLE to_command;

/* ---- start ---- */

struct options {
    DWORD flags;
    int with_job;
    char *rest; /* the command line */
};

/* The words in front, cut from the command line itself: quotes in the rest stay as they are. */
static struct options read_options(char *line)
{
    struct options options = {CREATE_NO_WINDOW, 1, line};
    char end = *line == '"' ? '"' : ' ';
    line += strcspn(line + 1, end == '"' ? "\"" : " ") + 1; /* our own name */
    line += end == '"';
    for (line += strspn(line, " "); strncmp(line, "--", 2) == 0; line += strspn(line, " ")) {
        size_t length = strcspn(line, " ");
        if (strncmp(line, "--no-job", length) == 0)
            options.with_job = 0;
        else if (strncmp(line, "--group", length) == 0)
            options.flags |= CREATE_NEW_PROCESS_GROUP;
        else if (strncmp(line, "--console=own", length) == 0)
            options.flags = CREATE_NEW_CONSOLE;
        else if (strncmp(line, "--console=none", length) == 0)
            options.flags = DETACHED_PROCESS;
        else if (strncmp(line, "--console=parent", length) == 0)
            options.flags = 0;
        else
            die("option");
        line += length;
    }
    options.rest = line;
    return options;
}

static void make_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit = {0};
    limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    job = CreateJobObjectA(NULL, NULL);
    if (!job ||
        !SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof limit))
        die("job");
}

/* The command's output goes where our standard error goes: the standard output is for what we say.
 */
static void start(struct options options)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    STARTUPINFOA setup = {.cb = sizeof setup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION made;
    if (!CreatePipe(&setup.hStdInput, &to_command, &inherit, 0))
        die("pipe");
    SetHandleInformation(to_command, HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(GetStdHandle(STD_OUTPUT_HANDLE), HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(GetStdHandle(STD_INPUT_HANDLE), HANDLE_FLAG_INHERIT, 0);
    setup.hStdOutput = setup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    SetHandleInformation(setup.hStdError, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    if (!CreateProcessA(NULL, options.rest, NULL, NULL, TRUE, options.flags | CREATE_SUSPENDED,
                        NULL, NULL, &setup, &made))
        die("CreateProcess");
    if (options.with_job && !AssignProcessToJobObject(job, made.hProcess))
        die("AssignProcessToJobObject");
    ResumeThread(made.hThread);
    CloseHandle(made.hThread);
    CloseHandle(setup.hStdInput);
    process = made.hProcess;
    pid = made.dwProcessId;
    say("started %lu", pid);
}

static DWORD WINAPI await_end(void *unused)
{
    DWORD status;
    HANDLE own;
    (void)unused;
    DuplicateHandle(GetCurrentProcess(), process, GetCurrentProcess(), &own, 0, FALSE,
                    DUPLICATE_SAME_ACCESS);
    WaitForSingleObject(own, INFINITE);
    GetExitCodeProcess(own, &status);
    CloseHandle(own);
    say("ended %lu", status);
    return 0;
}

/* ---- orders ---- */

static void press_ctrl_c(void)
{
    FreeConsole();
    if (!AttachConsole(pid)) {
        say("ctrlc failed %lu", GetLastError());
        return;
    }
    SetConsoleCtrlHandler(NULL, TRUE);
    if (GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0))
        say("ctrlc sent");
    else
        say("ctrlc failed %lu", GetLastError());
    FreeConsole();
}

static void tell(char *line)
{
    DWORD written;
    strcat(line, "\n");
    WriteFile(to_command, line, (DWORD)strlen(line), &written, NULL);
}

static void obey(char *order)
{
    if (strcmp(order, "ctrlc") == 0)
        press_ctrl_c();
    else if (strcmp(order, "terminate") == 0)
        TerminateProcess(process, 1);
    else if (strcmp(order, "close") == 0)
        CloseHandle(job);
    else if (strcmp(order, "forget") == 0)
        CloseHandle(process);
    else if (strncmp(order, "tell ", 5) == 0)
        tell(order + 5);
    else
        die(order);
}

/* A line from the pipe: the standard input may turn into a console's when we attach to one. */
static int next_order(HANDLE input, char *order, DWORD size)
{
    DWORD length = 0, got;
    while (length + 2 < size && ReadFile(input, order + length, 1, &got, NULL) && got == 1)
        if (order[length++] == '\n') {
            order[length - 1] = '\0';
            return 1;
        }
    return 0;
}

int main(void)
{
    char order[400];
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    struct options options = read_options(GetCommandLineA());
    if (options.with_job)
        make_job();
    start(options);
    CloseHandle(CreateThread(NULL, 0, await_end, NULL, 0, NULL));
    while (next_order(input, order, sizeof order))
        obey(order);
    return 0;
}
