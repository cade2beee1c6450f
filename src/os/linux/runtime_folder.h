/* Which folder is the runtime folder, and removal of what killed guards left in it. */
#ifndef TREEFALL_OS_LINUX_RUNTIME_FOLDER_H
#define TREEFALL_OS_LINUX_RUNTIME_FOLDER_H

#include "base/error.h"
#include "os/linux/place.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define RUNTIME_OPEN_MODE    (S_IRWXU | S_IXGRP | S_IXOTH)
#define RUNTIME_RANDOM_BYTES 16 /* at the end of each entry's name: 128 bits */

enum runtime_candidate {
    RUNTIME_GIVEN,   /* the session's, from the environment: made by the login manager for this user
                      */
    RUNTIME_SESSION, /* the session's, by its usual path */
    RUNTIME_RUN,
    RUNTIME_TMP,
    RUNTIME_SHM,
    RUNTIME_UNTAKEN, /* used when another user has taken the plain name */
    RUNTIME_CANDIDATES,
};

/* False if there is no such candidate. */
bool runtime_candidate_path(enum runtime_candidate candidate, char *path, size_t capacity);
/* Whether a folder of this mode is usable. */
bool runtime_is_usable(enum runtime_candidate candidate, const struct place *place, mode_t mode);
/* Opens an existing folder, by path only (O_PATH), and gives it at least the rights of `mode`. */
struct error runtime_claim(const struct place *place, mode_t mode, int *folder);
/* Removes all files in a guard's folder. */
void runtime_empty(int folder);
/* Removes the entries of dead guards from this folder. */
void runtime_sweep_folder(int folder);
/* Removes what this user's guards left when all of them were killed. */
void runtime_sweep(void);

#endif
