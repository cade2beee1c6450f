/* What a guard knows of its tree: the ward, the proofs of belonging, and who is never touched. Both
 * guards of a pair hold the same scope. */
#ifndef TREEFALL_TREE_SCOPE_H
#define TREEFALL_TREE_SCOPE_H

#include "core/claim.h"
#include "core/route.h"
#include "core/tree.h"
#include "os/os.h"
#include "tree/brands.h"
#include "tree/lineage.h"
#include "tree/protected.h"
#include "tree/relay.h"

struct pact;
struct kept_list;

/* Of --keep. */
struct scope_keep {
    const char *const *patterns;
    size_t count;
    struct kept_list *kept; /* what those started (tree/keep.h); NULL = no memory */
};

struct scope {
    struct pact *pact;    /* with the other guards; NULL = none */
    enum claim_seat seat; /* ours */
    struct os_process ward;
    char ward_name[PROCESS_NAME_BYTES]; /* of one that ran before we came; else empty */
    struct brands brands;
    struct os_container container;
    struct os_wire *wire; /* NULL = not armed */
    struct guarantee guarantee;
    int32_t session;           /* the one that the ward was started in: it holds innocents */
    bool attached;             /* the ward ran before: its session and group may hold innocents */
    bool ward_passed_on;       /* the ward's number was given out again */
    bool ward_leads;           /* the ward's process group was made by us */
    bool guard_adopted;        /* a guard became our child: having none left proves nothing then */
    int32_t reaper;            /* our own pid while we are the tree's subreaper, else 0 */
    struct os_process adopter; /* in another guard: the tree's subreaper; no handle = none */
    int32_t group_session;     /* for `kill` of a dead leader: its group and session; 0 = none */
    struct protected protected;
    struct lineage lineage;
    struct identities asked; /* of the rest, sorted by pid */
    struct relays relays;    /* that were asked */
    struct scope_keep keep;
};

void scope_init(struct scope *scope);
void scope_done(struct scope *scope);
/* A ward that ran before we came: what is to be known of it. */
void scope_meet_ward(struct scope *scope, const struct process_row *row);
/* What is armed, and what the wire has no room for. */
struct guarantee scope_guarantee(const struct scope *scope);
void scope_armed(struct scope *scope, enum route route);
void scope_unarmed(struct scope *scope, enum route route, const char *why_not);
/* The proof that lets a member be struck: its identity, and its brand if that is how it belongs. */
struct os_proof scope_proof(const struct scope *scope, const struct member *member);

#endif
