#include "os/windows/ask.h"

#include "os/windows/signals.h"

#define CONSOLE_PROCESSES 256

static HANDLE within;

void ask_within(HANDLE job)
{
    within = job;
}

/* ---- windows ----
 *
 * user32 is loaded at run time and not linked: a guard that stays needs no desktop. */

typedef BOOL(WINAPI *enum_windows)(WNDENUMPROC each, LPARAM context);
typedef DWORD(WINAPI *get_owner)(HWND window, DWORD *pid);
typedef BOOL(WINAPI *post_message)(HWND window, UINT message, WPARAM word, LPARAM value);

struct closing {
    DWORD pid;
    get_owner owner;
    post_message post;
    size_t asked;
};

static BOOL CALLBACK close_window(HWND window, LPARAM context)
{
    DWORD pid = 0;
    struct closing *closing = (struct closing *)context;
    closing->owner(window, &pid);
    if (pid == closing->pid)
        closing->asked += closing->post(window, WM_CLOSE, 0, 0) != 0;
    return TRUE;
}

static bool close_windows(DWORD pid)
{
    HMODULE user32 = LoadLibraryExW(L"user32.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (!user32)
        return false;
    enum_windows each = (enum_windows)win_function(L"user32.dll", "EnumWindows");
    struct closing closing = {pid,
                              (get_owner)win_function(L"user32.dll", "GetWindowThreadProcessId"),
                              (post_message)win_function(L"user32.dll", "PostMessageW"), 0};
    if (each && closing.owner && closing.post)
        each(close_window, (LPARAM)&closing);
    /* The library stays loaded: windows may call back a thread that has asked for them. */
    return closing.asked > 0;
}

/* ---- the console ---- */

static bool is_ours(DWORD pid)
{
    BOOL is_in = FALSE;
    if (pid == GetCurrentProcessId())
        return true;
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, pid);
    if (process) {
        IsProcessInJob(process, within, &is_in);
        CloseHandle(process);
    }
    return is_in;
}

/* A key goes to all processes that share the console, even to a shell outside the tree. */
static bool is_console_ours(DWORD pid)
{
    DWORD pids[CONSOLE_PROCESSES];
    DWORD count = GetConsoleProcessList(pids, CONSOLE_PROCESSES);
    bool has_it = false;
    if (count == 0 || count > CONSOLE_PROCESSES)
        return false;
    for (DWORD i = 0; i < count; i++) {
        if (!is_ours(pids[i]))
            return false;
        has_it |= pids[i] == pid;
    }
    return has_it;
}

static bool send_key(DWORD pid, DWORD key)
{
    if (!is_console_ours(pid))
        return false;
    signals_expect(key);
    if (GenerateConsoleCtrlEvent(key, 0))
        return true;
    signals_expect_not(key);
    return false;
}

static bool press_key(DWORD pid, DWORD key)
{
    if (!within)
        return false;
    /* Without a console of our own we can attach to the process's console. */
    bool visiting = GetConsoleCP() == 0;
    if (visiting && !AttachConsole(pid))
        return false;
    bool sent = send_key(pid, key);
    if (visiting)
        FreeConsole();
    return sent;
}

bool ask_to_end(DWORD pid, DWORD key)
{
    bool closed = close_windows(pid);
    return press_key(pid, key) || closed;
}
