/* Win32_Process.Create by COM, without PowerShell: the system's management service starts the
 * process, which is then in no job of ours. Under Wine it is our own process that starts it. */
#define COBJMACROS
#include "os/windows/service.h"

#include "os/windows/table.h"
#include "os/windows/thread.h"

#include <wbemcli.h>
#include <wchar.h>

/* ole32 and oleaut32 are loaded on demand, so that not every guarded program has them. */
static struct {
    HRESULT(WINAPI *begin)(void *reserved, DWORD model);
    void(WINAPI *end)(void);
    HRESULT(WINAPI *create)
    (REFCLSID class, IUnknown *outer, DWORD context, REFIID kind, void **out);
    HRESULT(WINAPI *protect)(IUnknown *proxy, DWORD, DWORD, OLECHAR *, DWORD, DWORD, void *, DWORD);
    BSTR(WINAPI *text)(const OLECHAR *text);
    void(WINAPI *free_text)(BSTR text);
    HRESULT(WINAPI *clear)(VARIANT *value);
    SAFEARRAY *(WINAPI *array)(VARTYPE type, LONG first, ULONG count);
    HRESULT(WINAPI *put)(SAFEARRAY *array, LONG *index, void *value);
} com;

static const CLSID locator_class = {
    0x4590f811, 0x1d3a, 0x11d0, {0x89, 0x1f, 0x00, 0xaa, 0x00, 0x4b, 0x2e, 0x24}};
static const IID locator_kind = {
    0xdc12a687, 0x737f, 0x11cf, {0x88, 0x4d, 0x00, 0xaa, 0x00, 0x4b, 0x2e, 0x24}};

#define AUTHENTICATE_DEFAULT 0xffffffff
#define AUTHENTICATE_CALLS   3
#define IMPERSONATE          3
#define ANSWER_MS            10000
#define TAKES                                                                                      \
    (SYNCHRONIZE | PROCESS_TERMINATE | PROCESS_DUP_HANDLE | PROCESS_SET_QUOTA |                    \
     PROCESS_QUERY_INFORMATION)

static bool load(void)
{
    HMODULE ole = LoadLibraryExW(L"ole32.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    HMODULE automation = LoadLibraryExW(L"oleaut32.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (!ole || !automation)
        return false;
    com.begin = (void *)GetProcAddress(ole, "CoInitializeEx");
    com.end = (void *)GetProcAddress(ole, "CoUninitialize");
    com.create = (void *)GetProcAddress(ole, "CoCreateInstance");
    com.protect = (void *)GetProcAddress(ole, "CoSetProxyBlanket");
    com.text = (void *)GetProcAddress(automation, "SysAllocString");
    com.free_text = (void *)GetProcAddress(automation, "SysFreeString");
    com.clear = (void *)GetProcAddress(automation, "VariantClear");
    com.array = (void *)GetProcAddress(automation, "SafeArrayCreateVector");
    com.put = (void *)GetProcAddress(automation, "SafeArrayPutElement");
    return com.begin && com.end && com.create && com.protect && com.text && com.free_text &&
           com.clear && com.array && com.put;
}

/* ---- values ---- */

static bool put_value(IWbemClassObject *object, const wchar_t *name, VARIANT *value, CIMTYPE type)
{
    bool put = SUCCEEDED(IWbemClassObject_Put(object, name, 0, value, type));
    com.clear(value);
    return put;
}

static bool put_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *text)
{
    VARIANT value = {.vt = VT_BSTR, .bstrVal = com.text(text)};
    return put_value(object, name, &value, 0);
}

static bool put_number(IWbemClassObject *object, const wchar_t *name, LONG number)
{
    VARIANT value = {.vt = VT_I4, .lVal = number};
    return put_value(object, name, &value, 0);
}

/* NAME=VALUE entries, up to an empty one. */
static bool put_block(IWbemClassObject *object, const wchar_t *name, const wchar_t *block)
{
    ULONG count = 0;
    LONG index = 0;
    for (const wchar_t *at = block; *at; at += wcslen(at) + 1)
        count++;
    SAFEARRAY *array = com.array(VT_BSTR, 0, count);
    for (const wchar_t *at = block; array && *at; at += wcslen(at) + 1, index++) {
        BSTR text = com.text(at);
        com.put(array, &index, text);
        com.free_text(text);
    }
    VARIANT value = {.vt = VT_ARRAY | VT_BSTR, .parray = array};
    return array && put_value(object, name, &value, 0);
}

/* ---- objects; NULL: there is none ---- */

static IWbemServices *connect(void)
{
    IWbemLocator *locator = NULL;
    IWbemServices *services = NULL;
    BSTR root = com.text(L"ROOT\\CIMV2");
    if (SUCCEEDED(com.create(&locator_class, NULL, CLSCTX_INPROC_SERVER, &locator_kind,
                             (void **)&locator))) {
        /* Without the flag, a broken service could block for ever. */
        IWbemLocator_ConnectServer(locator, root, NULL, NULL, NULL, WBEM_FLAG_CONNECT_USE_MAX_WAIT,
                                   NULL, NULL, &services);
        IWbemLocator_Release(locator);
    }
    com.free_text(root);
    if (services)
        com.protect((IUnknown *)services, AUTHENTICATE_DEFAULT, AUTHENTICATE_DEFAULT, NULL,
                    AUTHENTICATE_CALLS, IMPERSONATE, NULL, 0);
    return services;
}

static IWbemClassObject *class_of(IWbemServices *services, const wchar_t *name)
{
    IWbemClassObject *class = NULL;
    BSTR path = com.text(name);
    IWbemServices_GetObject(services, path, 0, NULL, &class, NULL);
    com.free_text(path);
    return class;
}

/* Takes ownership of the class. */
static IWbemClassObject *instance_of(IWbemClassObject *class)
{
    IWbemClassObject *instance = NULL;
    if (class) {
        IWbemClassObject_SpawnInstance(class, 0, &instance);
        IWbemClassObject_Release(class);
    }
    return instance;
}

static IWbemClassObject *parameters_of(IWbemServices *services)
{
    IWbemClassObject *in = NULL;
    IWbemClassObject *class = class_of(services, L"Win32_Process");
    if (class) {
        IWbemClassObject_GetMethod(class, L"Create", 0, &in, NULL);
        IWbemClassObject_Release(class);
    }
    return instance_of(in);
}

/* A service that does not know the set-up starts the process all the same. */
static void put_setup(IWbemServices *services, IWbemClassObject *in, const struct start *start)
{
    IWbemClassObject *setup = instance_of(class_of(services, L"Win32_ProcessStartup"));
    if (!setup)
        return;
    put_number(setup, L"CreateFlags", (LONG)(DETACHED_PROCESS | start->flags));
    if (start->block[0])
        put_block(setup, L"EnvironmentVariables", start->block);
    VARIANT value = {.vt = VT_UNKNOWN, .punkVal = (IUnknown *)setup};
    put_value(in, L"ProcessStartupInformation", &value, 0); /* releases it */
}

/* ---- the call ---- */

/* Returns the pid; 0 = it was not started. */
static DWORD call_create(IWbemServices *services, IWbemClassObject *in)
{
    IWbemClassObject *out = NULL;
    VARIANT pid = {0};
    DWORD number = 0;
    BSTR class = com.text(L"Win32_Process");
    BSTR method = com.text(L"Create");
    if (SUCCEEDED(IWbemServices_ExecMethod(services, class, method, 0, NULL, in, &out, NULL)) &&
        out && SUCCEEDED(IWbemClassObject_Get(out, L"ProcessId", 0, &pid, NULL, NULL)) &&
        pid.vt == VT_I4)
        number = (DWORD)pid.lVal;
    if (out)
        IWbemClassObject_Release(out);
    com.clear(&pid);
    com.free_text(class);
    com.free_text(method);
    return number;
}

static DWORD create(const struct start *start)
{
    DWORD pid = 0;
    IWbemServices *services = connect();
    IWbemClassObject *in = services ? parameters_of(services) : NULL;
    if (in && put_text(in, L"CommandLine", start->line)) {
        put_setup(services, in, start);
        pid = call_create(services, in);
    }
    if (in)
        IWbemClassObject_Release(in);
    if (services)
        IWbemServices_Release(services);
    return pid;
}

/* ---- the new process ---- */

static bool is_same_file(const wchar_t *one, const wchar_t *other)
{
    HANDLE a = win_open_to_ask(one);
    HANDLE b = win_open_to_ask(other);
    bool same = win_is_same_file(a, b);
    if (a != INVALID_HANDLE_VALUE)
        CloseHandle(a);
    if (b != INVALID_HANDLE_VALUE)
        CloseHandle(b);
    return same;
}

/* The service returns a number, which may by now belong to another process. So the opened process
 * must run our program, and must have been made after our request. */
static HANDLE open_made(const struct start *start, DWORD pid, uint64_t asked)
{
    wchar_t path[WIN_PATH_CHARS];
    DWORD length = WIN_PATH_CHARS;
    HANDLE process = pid != 0 ? OpenProcess(TAKES, FALSE, pid) : NULL;
    if (process && table_start_of(process) >= asked &&
        QueryFullProcessImageNameW(process, 0, path, &length) && is_same_file(path, start->path))
        return process;
    if (process)
        CloseHandle(process);
    return NULL;
}

/* ---- the request ----
 *
 * It runs in a thread of its own: the COM state of the caller's thread is left alone, and a service
 * that does not answer is not waited for. The last holder frees the request. */

struct request {
    struct start start;
    uint64_t asked; /* when it was made */
    volatile LONG holders;
    DWORD pid; /* the answer; 0 = it was not started */
};

static void let_go(struct request *request)
{
    if (InterlockedDecrement(&request->holders) == 0)
        os_pages_free(request, sizeof *request);
}

/* A suspended probe that appears after the timeout must be killed: nothing else will do it. */
static void end_late(const struct request *request)
{
    HANDLE late =
        request->holders == 1 ? open_made(&request->start, request->pid, request->asked) : NULL;
    if (late) {
        TerminateProcess(late, 1);
        CloseHandle(late);
    }
}

static DWORD WINAPI serve(void *context)
{
    struct request *request = context;
    if (SUCCEEDED(com.begin(NULL, COINIT_MULTITHREADED))) {
        request->pid = create(&request->start);
        com.end();
        end_late(request);
    }
    let_go(request);
    return 0;
}

static bool quote_path(struct start *start)
{
    wchar_t path[WIN_PATH_CHARS + 4];
    int length = swprintf(path, WIN_PATH_CHARS + 4, L"\"%ls\"", start->path);
    if (length > 0)
        wcscpy(start->line, path);
    return length > 0;
}

/* Returns the pid of the process that the service started, or 0. */
static DWORD ask_service(const struct start *start, uint64_t asked)
{
    DWORD pid = 0;
    struct request *request = os_pages(sizeof *request);
    if (!request)
        return 0;
    *request = (struct request){.start = *start, .asked = asked, .holders = 2};
    thread_stay_loaded();
    HANDLE thread =
        quote_path(&request->start) ? CreateThread(NULL, 0, serve, request, 0, NULL) : NULL;
    if (!thread)
        let_go(request); /* for the thread that could not be created */
    else if (WaitForSingleObject(thread, ANSWER_MS) == WAIT_OBJECT_0)
        pid = request->pid;
    if (thread)
        CloseHandle(thread);
    let_go(request);
    return pid;
}

bool start_by_service(struct start *start)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now); /* the clock that dates processes */
    DWORD pid = load() ? ask_service(start, win_time(now)) : 0;
    start->made =
        (PROCESS_INFORMATION){.hProcess = open_made(start, pid, win_time(now)), .dwProcessId = pid};
    return start->made.hProcess != NULL;
}
