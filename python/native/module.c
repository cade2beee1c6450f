/* treefall._native: libtreefall for Python, in the limited API of 3.9. Handle is what
 * treefall.Guard adds words and exceptions to. Nothing here needs more than the GIL for its safety:
 * a handle that is being stopped is out of its object first. */
#include <Python.h>

#include "os/os.h"
#include "stops.h"
#include "treefall.h"
#include "version.h"

#define GUARANTEE_BYTES  2048
#define ERROR_TEXT_BYTES 512

typedef struct {
    PyObject_HEAD struct treefall *guard; /* NULL = not started, or stopped */
} Handle;

/* The file system's own bytes: a name need not be UTF-8. None is NULL. */
static int take_path(PyObject *given, void *out)
{
    if (given)
        return given == Py_None ? 1 : PyUnicode_FSConverter(given, out);
    Py_CLEAR(*(PyObject **)out); /* another argument was refused */
    return 1;
}

static const char *path_of(PyObject *taken)
{
    return taken ? PyBytes_AsString(taken) : NULL;
}

PyDoc_STRVAR(
    start_doc,
    "_start($self, kill_delay_ms, startup_grace_ms, stop_budget_ms, exit_grace_ms,"
    " fall_when_stopped, sentinel, report, scratch, /)\n--\n\nStart a sentinel. Returns (code, the "
    "system's own code); code 0 is success.");
static PyObject *handle_start(PyObject *self, PyObject *arguments)
{
    Handle *handle = (Handle *)self;
    struct treefall_options options = {0};
    long long delay;
    long long grace;
    long long budget;
    long long exit_grace;
    int fall_when_stopped;
    PyObject *sentinel = NULL;
    PyObject *report = NULL;
    PyObject *scratch = NULL;
    if (!PyArg_ParseTuple(arguments, "LLLLpO&O&O&:start", &delay, &grace, &budget, &exit_grace,
                          &fall_when_stopped, take_path, &sentinel, take_path, &report, take_path,
                          &scratch))
        return NULL;
    options.sentinel = path_of(sentinel);
    options.report = path_of(report);
    options.scratch = path_of(scratch);
    options.kill_delay_ms = delay;
    options.startup_grace_ms = grace;
    options.stop_budget_ms = budget;
    options.exit_grace_ms = exit_grace;
    options.fall_when_stopped = fall_when_stopped;
    struct treefall *guard = NULL;
    int status;
    int os_code;
    Py_BEGIN_ALLOW_THREADS status = treefall_start(&options, &guard);
    os_code = status == TREEFALL_OK ? 0 : os_error_told();
    Py_END_ALLOW_THREADS if (status == TREEFALL_OK)
    {
        handle->guard = guard;
        stops_add(guard);
    }
    Py_XDECREF(sentinel);
    Py_XDECREF(report);
    Py_XDECREF(scratch);
    return Py_BuildValue("ii", status, os_code);
}

PyDoc_STRVAR(beat_doc, "beat($self, /)\n--\n\nThe main loop is alive. Call it more often than every"
                       " kill_delay seconds.");
static PyObject *handle_beat(PyObject *self, PyObject *unused)
{
    (void)unused;
    treefall_beat(((Handle *)self)->guard);
    Py_RETURN_NONE;
}

static PyObject *handle_hold_ms(PyObject *self, PyObject *budget_ms)
{
    long long budget = PyLong_AsLongLong(budget_ms);
    if (budget == -1 && PyErr_Occurred())
        return NULL;
    treefall_hold(((Handle *)self)->guard, budget);
    Py_RETURN_NONE;
}

static PyObject *handle_release_hold(PyObject *self, PyObject *unused)
{
    (void)unused;
    treefall_release(((Handle *)self)->guard);
    Py_RETURN_NONE;
}

static PyObject *handle_closing_ms(PyObject *self, PyObject *budget_ms)
{
    long long budget = PyLong_AsLongLong(budget_ms);
    if (budget == -1 && PyErr_Occurred())
        return NULL;
    treefall_closing(((Handle *)self)->guard, budget);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(
    suspended_doc,
    "_suspended($self, suspension, /)\n--\n\nReport what a debugger does to the main thread:"
    " RUNNING, SUSPENDED, ABANDONED.");
static PyObject *handle_suspended(PyObject *self, PyObject *suspension)
{
    long told = PyLong_AsLong(suspension);
    if (told == -1 && PyErr_Occurred())
        return NULL;
    treefall_suspended(((Handle *)self)->guard, (enum treefall_suspension)told);
    Py_RETURN_NONE;
}

static PyObject *handle_end(PyObject *self, PyObject *unused)
{
    struct treefall *guard = ((Handle *)self)->guard;
    int status;
    (void)unused;
    ((Handle *)self)->guard = NULL;
    stops_remove(guard);
    Py_BEGIN_ALLOW_THREADS status = treefall_stop(guard);
    Py_END_ALLOW_THREADS return PyLong_FromLong(status);
}

static PyObject *handle_describe(PyObject *self, PyObject *unused)
{
    char text[GUARANTEE_BYTES];
    (void)unused;
    treefall_guarantee(((Handle *)self)->guard, text, sizeof text);
    return PyUnicode_FromString(text);
}

/* A guard that nobody stopped goes on watching: it does not end because a name was forgotten. */
static void handle_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static PyMethodDef handle_methods[] = {
    {"_start", handle_start, METH_VARARGS, start_doc},
    {"beat", handle_beat, METH_NOARGS, beat_doc},
    {"_hold", handle_hold_ms, METH_O, NULL},
    {"_release", handle_release_hold, METH_NOARGS, NULL},
    {"_closing", handle_closing_ms, METH_O, NULL},
    {"_suspended", handle_suspended, METH_O, suspended_doc},
    {"_end", handle_end, METH_NOARGS, NULL},
    {"_describe", handle_describe, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(handle_doc, "The base of treefall.Guard.");
static PyType_Slot handle_slots[] = {
    {Py_tp_doc, (void *)handle_doc},
    {Py_tp_dealloc, (void *)handle_dealloc},
    {Py_tp_methods, handle_methods},
    {0, NULL},
};

static PyType_Spec handle_spec = {
    .name = "treefall._native.Handle",
    .basicsize = sizeof(Handle),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = handle_slots,
};

PyDoc_STRVAR(strerror_doc, "strerror($module, code, /)\n--\n\nWhat a code means and what to do.");
static PyObject *native_strerror(PyObject *module, PyObject *code)
{
    long number = PyLong_AsLong(code);
    (void)module;
    if (number == -1 && PyErr_Occurred())
        return NULL;
    return PyUnicode_FromString(treefall_strerror((int)number));
}

PyDoc_STRVAR(error_text_doc,
             "error_text($module, os_code, /)\n--\n\nThe system's text for one of its"
             " error codes: an errno, on Windows a GetLastError().");
static PyObject *native_error_text(PyObject *module, PyObject *os_code)
{
    char text[ERROR_TEXT_BYTES];
    long number = PyLong_AsLong(os_code);
    (void)module;
    if (number == -1 && PyErr_Occurred())
        return NULL;
    return PyUnicode_DecodeFSDefault(os_error_text((int)number, text, sizeof text));
}

PyDoc_STRVAR(renew_doc, "renew_stops($module, /)\n--\n\nNotice stop requests also in front of"
                        " handlers that were installed since.");
static PyObject *native_renew_stops(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    stops_renew();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(ignore_doc, "ignore_interrupts($module, deaf, /)\n--\n\nWhile deaf, processes are"
                         " started with the console's Ctrl+C ignored (Windows).");
static PyObject *native_ignore_interrupts(PyObject *module, PyObject *deaf)
{
    int truth = PyObject_IsTrue(deaf);
    (void)module;
    if (truth < 0)
        return NULL;
    os_interrupts_ignore(truth);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(interrupts_doc, "interrupts($module, /)\n--\n\nHow many interrupts (SIGINT, Ctrl+C)"
                             " were noticed while a guard ran.");
static PyObject *native_interrupts(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromUnsignedLong(stops_interrupts());
}

static PyMethodDef native_methods[] = {
    {"error_text", native_error_text, METH_O, error_text_doc},
    {"interrupts", native_interrupts, METH_NOARGS, interrupts_doc},
    {"ignore_interrupts", native_ignore_interrupts, METH_O, ignore_doc},
    {"renew_stops", native_renew_stops, METH_NOARGS, renew_doc},
    {"strerror", native_strerror, METH_O, strerror_doc},
    {NULL, NULL, 0, NULL},
};

static const struct {
    const char *name;
    int value;
} constants[] = {
    {"RUNNING", TREEFALL_RUNNING},     {"SUSPENDED", TREEFALL_SUSPENDED},
    {"ABANDONED", TREEFALL_ABANDONED}, {"OK", TREEFALL_OK},
    {"EINVAL", TREEFALL_EINVAL},       {"ENOSENTINEL", TREEFALL_ENOSENTINEL},
    {"ENOTARMED", TREEFALL_ENOTARMED}, {"ESYSTEM", TREEFALL_ESYSTEM},
    {"EFORKED", TREEFALL_EFORKED},     {"EREFUSED", TREEFALL_EREFUSED},
    {"EVERSION", TREEFALL_EVERSION},   {"EREPORT", TREEFALL_EREPORT},
    {"ESCRATCH", TREEFALL_ESCRATCH},   {"ETIMEDOUT", TREEFALL_ETIMEDOUT},
    {"ESENTINEL", TREEFALL_ESENTINEL},
};

static int native_exec(PyObject *module)
{
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0)
            return -1;
    if (PyModule_AddStringConstant(module, "version", TREEFALL_VERSION) < 0)
        return -1;
    PyObject *type = PyType_FromSpec(&handle_spec);
    if (!type)
        return -1;
    int status = PyModule_AddObject(module, "Handle", type);
    if (status < 0)
        Py_DECREF(type);
    return status;
}

static PyModuleDef_Slot native_slots[] = {
    {Py_mod_exec, (void *)native_exec},
    {0, NULL},
};

static struct PyModuleDef native = {
    PyModuleDef_HEAD_INIT,
    .m_name = "treefall._native",
    .m_methods = native_methods,
    .m_slots = native_slots,
};

PyMODINIT_FUNC PyInit__native(void);
PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&native);
}
