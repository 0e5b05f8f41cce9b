/* A trigger network in a shared library, as every export of l1ml offers it. C and C++.
 *
 * A library has one function of the name L1ML_ENTRY_V1; what it returns lives as long as the library is loaded. Find it with
 * dlsym in the handle of that library, never in the whole process: all of them use this name. No function throws. */
#ifndef L1ML_NETWORK_H
#define L1ML_NETWORK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define L1ML_ENTRY_V1 "l1ml_network_v1"

/* What predict returns. */
enum {
    L1ML_OK = 0,
    L1ML_OUT_OF_RANGE = 1,  /* a word that its link could not carry: the place says which one */
    L1ML_BAD_ARGUMENT = 2,  /* a null pointer, or fewer than no crossings */
    L1ML_WRONG_NETWORK = 3  /* not what create of this library returned */
};

/* Where the first word out of its range is; -1 and -1 if there is none. */
typedef struct l1ml_place_v1 {
    int64_t crossing;
    int64_t input;
} l1ml_place_v1;

typedef struct l1ml_network_table_v1 {
    uint32_t version;        /* 1 */
    uint32_t size;           /* of this struct in bytes; later versions append to it */
    int64_t n_inputs;        /* words that a crossing gives */
    int64_t n_outputs;       /* score words that it gets */
    int64_t stack_bytes;     /* of the caller's stack that predict uses, about */
    const char *name;        /* of the model */
    const char *digest;      /* SHA-256 of what the model computes: thresholds are bound to it */
    const char *description; /* JSON: features and number formats */
    /* A network, or null without memory. */
    void *(*create)(void);
    /* Scores (n, n_outputs) of words (n, n_inputs), both row after row, of natural alignment and apart from each other. Nothing is
     * allocated and the network is only read: any number of threads may share one. On L1ML_OUT_OF_RANGE the crossings before
     * the place have their scores, the others are untouched. The place may be null. */
    int32_t (*predict)(const void *network, const int32_t *words, int64_t n, int64_t *scores, l1ml_place_v1 *place);
    /* Give a network back; null is no network and allowed. */
    void (*destroy)(void *network);
} l1ml_network_table_v1;

typedef const l1ml_network_table_v1 *(*l1ml_entry_v1)(void);

#ifdef __cplusplus
}
#endif

#endif
