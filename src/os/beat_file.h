/* Beats through a file. */
#ifndef TREEFALL_OS_BEAT_FILE_H
#define TREEFALL_OS_BEAT_FILE_H

#include "base/error.h"
#include "core/heartbeat.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OS_ADMITTED_USERS 16

/* A file whose modification time is the beat. The folder is held open, so that a renamed path does
 * not lead elsewhere. Only a regular file counts that belongs to us, root, the ward's user or an
 * admitted user. The file need not exist yet. It may be replaced by rename, and that is a beat. */
struct os_beat_file {
    os_handle folder;
    os_handle watch; /* readable when the file may have gone away; OS_NO_HANDLE = none */
    bool ours;  /* made by us: closing removes it. After a fork, only one process may keep this */
    bool seen;  /* the file existed: from now on it can be lost */
    bool dated; /* its time stamps use this machine's clock, and are fine-grained */
    uint32_t ward_uid;
    uint32_t admitted[OS_ADMITTED_USERS];
    size_t admitted_count;
    int watch_id; /* -1 = not armed */
    uint64_t watched_inode;
    char name[256];
    char path[4096]; /* absolute */
};

/* ERROR_UNSAFE for a symlink, a folder, a device, or a file that belongs to none of us, root and
 * `ward_uid`. Root may watch any user's ward, but in a shared folder any user could put a file in
 * the place of the ward's own. */
struct error os_beat_file_open(const char *path, uint32_t ward_uid, struct os_beat_file *out);
/* Makes a new file with an unguessable name in the private runtime folder, mode 0600. Its time is
 * the year 1970, because making it is not a beat. */
struct error os_beat_file_make(struct os_beat_file *out);
/* The users that the tree has become. Each may own the file, or write to it if it is ours. */
void os_beat_file_admit(struct os_beat_file *file, const uint32_t *users, size_t count);
/* BEAT_NONE while the file has never existed, BEAT_LOST once it is gone or belongs to another user.
 * Also reads the events that made `watch` readable. */
struct error os_beat_file_look(struct os_beat_file *file, struct beat_observation *out);
/* Removes the file if it is ours, and the runtime folder if the file was the last in it. The
 * handles stay open, for other processes that share them. */
void os_beat_file_clear(struct os_beat_file *file);
/* The same, and closes the handles. */
void os_beat_file_close(struct os_beat_file *file);

#endif
