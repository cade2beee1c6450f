/* Which folder is the runtime folder, and what killed guards left in it. */
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
    RUNTIME_GIVEN,   /* the session's, by the environment: what the login manager made for this user
                      */
    RUNTIME_SESSION, /* the session's, by its usual path */
    RUNTIME_RUN,
    RUNTIME_TMP,
    RUNTIME_SHM,
    RUNTIME_UNTAKEN, /* after another user took the plain name */
    RUNTIME_CANDIDATES,
};

/* False where there is no such one. */
bool runtime_candidate_path(enum runtime_candidate candidate, char *path, size_t capacity);
/* With this mode. */
bool runtime_is_usable(enum runtime_candidate candidate, const struct place *place, mode_t mode);
/* Opens what is there, by its path only, and gives it at least the rights of `mode`. */
struct error runtime_claim(const struct place *place, mode_t mode, int *folder);
/* Removes all files in a guard's folder. */
void runtime_empty(int folder);
/* Removes the folders of guards that are dead from this one. */
void runtime_sweep_folder(int folder);
/* Removes what guards of this user left that were all killed. */
void runtime_sweep(void);

#endif
