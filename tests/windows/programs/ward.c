/* The ward of the Windows tests, and the members of its tree.
 *
 *   ward MARK ROLE...
 *
 * starts one member for each role, reports itself, and takes orders from its standard input:
 * `start ROLE`, `exit STATUS`, `beat FILE`, `keep FILE` (the same by one handle, which stays
 * open), `lock FILE` (by one that keeps all others from opening it), `stop`, `say WORD`, `crash`,
 * `abandon` (it ends by TerminateProcess). `library FILE` loads treefall.dll; then
 * `guard MS REPORT`, `gbeat`, `gstop`, `gtold` (the guarantee), `unload`.
 * Whoever reports writes `ROLE PID LINUX-PID` on the standard output. A second argument `=ROLE` is
 * a member's. */
#include "ward.h"

#include "treefall.h"

#define LINE_BYTES  1000
#define OPEN_TO_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

static char program[MAX_PATH];
static char *mark;
static volatile LONG beating;
static wchar_t beat_file[LINE_BYTES];
static HANDLE kept_file; /* of `keep` and `lock` */

/* ---- starting members ---- */

/* The new process's handle; NULL with GetLastError. With a job it starts in that. */
static HANDLE start_in(HANDLE job, const char *role, DWORD flags)
{
    char line[3 * MAX_PATH];
    STARTUPINFOA setup = {.cb = sizeof setup};
    PROCESS_INFORMATION made;
    snprintf(line, sizeof line, "\"%s\" \"%s\" =%s", program, mark, role);
    setup.dwFlags = STARTF_USESTDHANDLES;
    setup.hStdInput = INVALID_HANDLE_VALUE;
    setup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    setup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (job)
        flags |= CREATE_SUSPENDED;
    if (!CreateProcessA(program, line, NULL, NULL, TRUE, flags, NULL, NULL, &setup, &made))
        return NULL;
    if (job && !AssignProcessToJobObject(job, made.hProcess))
        say("%s unassigned %lu", role, GetLastError());
    if (job)
        ResumeThread(made.hThread);
    CloseHandle(made.hThread);
    return made.hProcess;
}

static HANDLE start_as(const char *role, DWORD flags)
{
    return start_in(NULL, role, flags);
}

static void start_member(const char *role, DWORD flags)
{
    HANDLE process = start_as(role, flags);
    if (!process)
        say("%s failed %lu", role, GetLastError());
    else
        CloseHandle(process);
}

/* Start one that passes: it starts the next and ends. Returns when it has ended. */
static void start_passing(const char *role)
{
    HANDLE process = start_as(role, 0);
    if (!process)
        die(role);
    WaitForSingleObject(process, INFINITE);
    CloseHandle(process);
}

/* As libuv does: a job of its own for its children, whose grandchildren leave it in silence. */
static void start_in_own_job(void)
{
    static HANDLE job;
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit = {0};
    limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE |
                                             JOB_OBJECT_LIMIT_BREAKAWAY_OK |
                                             JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    if (!job)
        job = CreateJobObjectA(NULL, NULL);
    if (!SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof limit))
        die("own job");
    HANDLE process = start_in(job, "jobbed", 0);
    if (!process)
        die("jobbed");
    CloseHandle(process);
}

static void start_crowd(int count)
{
    enum { LEAVES = 50 };
    char role[40];
    for (int left = count; left > 0; left -= LEAVES) {
        snprintf(role, sizeof role, "branch=%d", left < LEAVES ? left : LEAVES);
        start_member(role, 0);
    }
}

static void start(const char *role)
{
    if (strcmp(role, "orphan") == 0 || strcmp(role, "orphan2") == 0)
        start_passing(role[6] ? "pass2" : "pass");
    else if (strcmp(role, "breakaway") == 0)
        start_member(role, CREATE_BREAKAWAY_FROM_JOB);
    else if (strcmp(role, "detached") == 0)
        start_member(role, DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
    else if (strcmp(role, "console") == 0)
        start_member(role, CREATE_NEW_CONSOLE);
    else if (strcmp(role, "ownjob") == 0)
        start_in_own_job();
    else if (strncmp(role, "crowd=", 6) == 0)
        start_crowd(atoi(role + 6));
    else
        start_member(role, 0);
}

/* ---- members ---- */

static void be_branch(int leaves)
{
    for (int i = 1; i < leaves; i++)
        start_member("leaf", 0);
    linger("leaf");
}

/* Goes on starting, up to a cap. */
static void be_breeder(void)
{
    enum { LEAVES = 300 };
    report("breeder");
    for (int i = 0; i < LEAVES; i++)
        start_member("leaf", 0);
    linger("bred");
}

static BOOL WINAPI refuse(DWORD event)
{
    say("heard %lu", event);
    return TRUE;
}

/* A window that nobody sees; it ends when it is asked to close. */
static void be_window(void)
{
    MSG message;
    HWND window = CreateWindowA("STATIC", "a window", WS_OVERLAPPEDWINDOW, 0, 0, 9, 9, NULL, NULL,
                                NULL, NULL);
    if (!window)
        die("window");
    report("window");
    while (IsWindow(window) && GetMessageA(&message, NULL, 0, 0) > 0)
        DispatchMessageA(&message);
    say("closed");
    ExitProcess(0);
}

static void be(const char *role)
{
    if (strcmp(role, "window") == 0)
        be_window();
    if (strcmp(role, "pass") == 0) {
        start_member("orphan", 0);
        ExitProcess(0);
    }
    if (strcmp(role, "pass-stranger") == 0) {
        start_member("stranger", 0);
        ExitProcess(0);
    }
    if (strcmp(role, "pass2") == 0) {
        start_passing("pass");
        ExitProcess(0);
    }
    if (strcmp(role, "jobbed") == 0) {
        start_member("unjobbed", 0);
        linger("jobbed");
    }
    if (strcmp(role, "deaf") == 0)
        SetConsoleCtrlHandler(refuse, TRUE);
    if (strcmp(role, "breeder") == 0)
        be_breeder();
    if (strncmp(role, "branch=", 7) == 0)
        be_branch(atoi(role + 7));
    linger(role);
}

/* ---- the ward ---- */

static DWORD WINAPI beat(void *unused)
{
    FILETIME now;
    (void)unused;
    while (beating) {
        HANDLE file = kept_file;
        if (!file)
            file = CreateFileW(beat_file, FILE_WRITE_ATTRIBUTES, OPEN_TO_ALL, NULL, OPEN_ALWAYS, 0,
                               NULL);
        GetSystemTimeAsFileTime(&now);
        SetFileTime(file, NULL, NULL, &now);
        if (file != kept_file)
            CloseHandle(file);
        Sleep(100);
    }
    return 0;
}

static void start_beating(const char *file)
{
    MultiByteToWideChar(CP_UTF8, 0, file, -1, beat_file, LINE_BYTES);
    beating = 1;
    CloseHandle(CreateThread(NULL, 0, beat, NULL, 0, NULL));
}

static void start_beating_by_one_handle(const char *file, DWORD sharing)
{
    MultiByteToWideChar(CP_UTF8, 0, file, -1, beat_file, LINE_BYTES);
    kept_file =
        CreateFileW(beat_file, GENERIC_READ | GENERIC_WRITE, sharing, NULL, OPEN_ALWAYS, 0, NULL);
    if (kept_file == INVALID_HANDLE_VALUE)
        die("open");
    start_beating(file);
}

static void obey_plain(char *order)
{
    if (strncmp(order, "start ", 6) == 0)
        start(order + 6);
    else if (strncmp(order, "exit ", 5) == 0)
        ExitProcess(strtoul(order + 5, NULL, 0));
    else if (strncmp(order, "beat ", 5) == 0)
        start_beating(order + 5);
    else if (strncmp(order, "keep ", 5) == 0)
        start_beating_by_one_handle(order + 5, OPEN_TO_ALL);
    else if (strncmp(order, "lock ", 5) == 0)
        start_beating_by_one_handle(order + 5, 0);
    else if (strcmp(order, "stop") == 0)
        beating = 0;
    else if (strncmp(order, "say ", 4) == 0)
        say("%s", order + 4);
    else if (strncmp(order, "env ", 4) == 0)
        say("%s", getenv(order + 4) ? getenv(order + 4) : "(none)");
    else if (strcmp(order, "crash") == 0)
        *(volatile int *)16 = 1;
    else if (strcmp(order, "refuse") == 0)
        SetConsoleCtrlHandler(refuse, TRUE);
    else if (strncmp(order, "abandon ", 8) == 0)
        TerminateProcess(GetCurrentProcess(), strtoul(order + 8, NULL, 0));
    else
        die(order);
}

/* ---- the guard ---- */

static struct treefall *guard;
static struct {
    int (*start)(const struct treefall_options *options, struct treefall **out);
    void (*beat)(struct treefall *guard);
    int (*stop)(struct treefall *guard);
    size_t (*guarantee)(const struct treefall *guard, char *buffer, size_t size);
} library;

static HMODULE module;

static void load_library(const char *file)
{
    module = LoadLibraryA(file);
    if (!module)
        die("library");
    library.start = (void *)GetProcAddress(module, "treefall_start");
    library.beat = (void *)GetProcAddress(module, "treefall_beat");
    library.stop = (void *)GetProcAddress(module, "treefall_stop");
    library.guarantee = (void *)GetProcAddress(module, "treefall_guarantee");
}

static void start_guard(const char *words)
{
    struct treefall_options options = {0};
    char report[MAX_PATH] = "";
    long long delay_ms = 0;
    sscanf(words, "%lld %259[^\n]", &delay_ms, report);
    options.kill_delay_ms = delay_ms;
    options.report = report[0] ? report : NULL;
    int status = library.start(&options, &guard);
    say("guard %d %lu", status, GetLastError());
}

static void tell_guarantee(void)
{
    char text[400];
    library.guarantee(guard, text, sizeof text);
    say("told %s", text);
}

static void obey(char *order)
{
    if (strncmp(order, "library ", 8) == 0)
        load_library(order + 8);
    else if (strncmp(order, "guard ", 6) == 0)
        start_guard(order + 6);
    else if (strcmp(order, "gbeat") == 0)
        library.beat(guard);
    else if (strcmp(order, "gstop") == 0)
        say("gstop %d", library.stop(guard));
    else if (strcmp(order, "unload") == 0)
        say("unload %d", FreeLibrary(module));
    else if (strcmp(order, "gtold") == 0)
        tell_guarantee();
    else
        obey_plain(order);
}

int main(int argc, char **argv)
{
    char order[LINE_BYTES];
    GetModuleFileNameA(NULL, program, sizeof program);
    if (argc < 2)
        return 99;
    mark = argv[1];
    if (argc == 3 && argv[2][0] == '=')
        be(argv[2] + 1);
    for (int i = 2; i < argc; i++)
        start(argv[i]);
    report("ward");
    while (fgets(order, sizeof order, stdin)) {
        order[strcspn(order, "\r\n")] = '\0';
        obey(order);
    }
    for (;;)
        Sleep(INFINITE);
}
