/*
 * The emulator's walker and TLB once more, in C: the yardstick of `emulator.bench.ts`. Same data structures, same algorithms, same order of looks:
 * memory in chunks of 64 KiB behind a directory, translations in an open-addressed table keyed by page and context.
 *
 * Usage: mmu PAGES ROUNDS. Prints nanoseconds per walk and per TLB hit, and a sum that keeps the compiler honest.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100 };
#define XD 0x80000000u
#define CHUNK 65536
#define LOW_CHUNKS 65536

typedef struct {
  bool wp, smep, smap, nxe, pge, pcide;
  int maxphy;
} controls;

typedef struct {
  enum { READ, WRITE, FETCH } kind;
  bool user, ac;
} access;

typedef struct {
  int64_t key, linear, base, span, distance;
  int pcid;
  bool writable, user, executable, dirty, global;
  unsigned grant;
} entry;

static uint8_t *low[LOW_CHUNKS];

static uint32_t read32(int64_t pa) {
  uint8_t *chunk = low[(uint32_t)pa >> 16];
  if (chunk == NULL) return 0;
  uint32_t word;
  memcpy(&word, chunk + (pa & (CHUNK - 1)), 4);
  return word;
}

static void write32(int64_t pa, uint32_t word) {
  uint8_t **chunk = &low[(uint32_t)pa >> 16];
  if (*chunk == NULL) *chunk = calloc(1, CHUNK);
  memcpy(*chunk + (pa & (CHUNK - 1)), &word, 4);
}

static int access_bits(const access *a, const controls *c) {
  int code = a->kind == WRITE ? 2 : 0;
  if (a->user) code |= 4;
  if (a->kind == FETCH && (c->nxe || c->smep)) code |= 16;
  return code;
}

static bool is_allowed(bool writable, bool user, bool executable, const access *a, const controls *c) {
  if (a->user) {
    if (!user) return false;
    if (a->kind == WRITE) return writable;
    return a->kind == READ || executable;
  }
  if (a->kind == FETCH) return executable && !(user && c->smep);
  if (user && c->smap && !a->ac) return false;
  return a->kind == READ || writable || !c->wp;
}

static bool has_reserved_bit(uint32_t lo, uint32_t hi, int level, const controls *c) {
  if ((hi & XD) && !c->nxe) return true;
  int bits = c->maxphy - 32;
  if (bits < 20 && (hi & 0xfffff) >> bits) return true;
  if (!(lo & PS) || level == 1) return false;
  if (level == 4) return true;
  return (lo & (level == 3 ? 0x3fffe000u : 0x001fe000u)) != 0;
}

static void set_flag(int64_t at, uint32_t flag) {
  uint32_t lo = read32(at);
  if (!(lo & flag)) write32(at, lo | flag);
}

/* The error code of a fault, or -1 and `found`. */
static int walk(int64_t root, int64_t linear, const access *a, const controls *c, entry *found) {
  int64_t path[4], table = root;
  bool writable = true, user = true, executable = true;
  for (int level = 4, depth = 0;; level--, depth++) {
    int64_t at = table + ((linear >> (3 + 9 * level)) & 511) * 8;
    uint32_t lo = read32(at), hi = read32(at + 4);
    path[depth] = at;
    if (!(lo & P)) return access_bits(a, c);
    if (has_reserved_bit(lo, hi, level, c)) return 9 | access_bits(a, c);
    writable &= (lo & RW) != 0;
    user &= (lo & US) != 0;
    executable &= (hi & XD) == 0;
    int64_t address = ((int64_t)(hi & 0xfffff) << 32) + (lo & 0xfffff000u);
    if (level > 1 && !(lo & PS)) {
      table = address;
      continue;
    }
    int64_t span = (int64_t)1 << (3 + 9 * level);
    if (!is_allowed(writable, user, executable, a, c)) return 1 | access_bits(a, c);
    for (int i = 0; i <= depth; i++) set_flag(path[i], A);
    if (a->kind == WRITE) set_flag(at, D);
    bool dirty = a->kind == WRITE || (lo & D);
    found->linear = linear & ~(span - 1);
    found->base = address & ~(span - 1);
    found->distance = found->base - found->linear;
    found->span = span;
    found->pcid = 0;
    found->writable = writable, found->user = user, found->executable = executable, found->dirty = dirty;
    found->global = c->pge && (lo & G);
    found->grant = writable | user << 1 | executable << 2 | dirty << 3;
    return -1;
  }
}

static struct {
  entry **slots;
  uint32_t mask;
} tlb;

static uint32_t slot_of(int64_t key) {
  uint32_t mixed = ((uint32_t)key ^ (uint32_t)((key >> 32) * 31)) * 0x9e3779b1u;
  return mixed ^ (mixed >> 15);
}

static entry *tlb_get(int64_t key) {
  for (uint32_t at = slot_of(key) & tlb.mask;; at = (at + 1) & tlb.mask)
    if (tlb.slots[at] == NULL || tlb.slots[at]->key == key) return tlb.slots[at];
}

static void tlb_set(entry *value) {
  uint32_t at = slot_of(value->key) & tlb.mask;
  while (tlb.slots[at] != NULL && tlb.slots[at]->key != value->key) at = (at + 1) & tlb.mask;
  tlb.slots[at] = value;
}

/* By access (READ, WRITE, FETCH) x (supervisor, user) x AC: which grants serve it without a walk. */
static uint32_t served[12];

static void tabulate(const controls *c) {
  for (int code = 0; code < 12; code++) {
    access a = {code >> 2, code >> 1 & 1, code & 1};
    served[code] = 0;
    for (int grant = 0; grant < 16; grant++)
      if (is_allowed(grant & 1, grant >> 1 & 1, grant >> 2 & 1, &a, c) && (a.kind != WRITE || grant >> 3))
        served[code] |= 1u << grant;
  }
}

static int64_t key_of(int64_t linear) {
  return (linear >> 12 & 0xffffffff) | (linear >> 44) << 45;
}

static int64_t translate(int64_t root, int64_t linear, int code, const controls *c) {
  entry *cached = tlb_get(key_of(linear));
  if (cached != NULL && (served[code] >> cached->grant & 1)) return linear + cached->distance;
  access a = {code >> 2, code >> 1 & 1, code & 1};
  if (cached != NULL && !is_allowed(cached->writable, cached->user, cached->executable, &a, c))
    return ~(int64_t)(1 | access_bits(&a, c));
  entry *found = malloc(sizeof *found);
  int fault = walk(root, linear, &a, c, found);
  if (fault >= 0) return ~(int64_t)fault;
  found->key = key_of(linear);
  tlb_set(found);
  return linear + found->distance;
}

static void map(int64_t root, int64_t linear, int64_t pa, int64_t *next) {
  int64_t table = root;
  for (int level = 4; level > 1; level--) {
    int64_t at = table + ((linear >> (3 + 9 * level)) & 511) * 8;
    if (!(read32(at) & P)) {
      write32(at, (uint32_t)*next | P | RW | US);
      *next += 4096;
    }
    table = read32(at) & 0xfffff000u;
  }
  write32(table + ((linear >> 12) & 511) * 8, (uint32_t)pa | P | RW | US);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int pages = atoi(argv[1]), rounds = atoi(argv[2]);
  controls c = {true, false, false, true, false, false, 52};
  access a = {READ, true, false};
  int64_t root = 0x100000, next = 0x101000, sum = 0;
  int64_t *order = malloc(pages * sizeof *order);
  uint32_t random = 1;
  for (int i = 0; i < pages; i++) {
    order[i] = 0x7f0000000000 + (int64_t)i * 4096;
    map(root, order[i], 0x1000000 + (int64_t)i * 4096, &next);
  }
  for (int i = pages - 1; i > 0; i--) {
    random ^= random << 13, random ^= random >> 17, random ^= random << 5;
    int j = random % (i + 1);
    int64_t t = order[i];
    order[i] = order[j], order[j] = t;
  }
  tlb.mask = 1;
  while (tlb.mask + 1 < (uint32_t)pages * 4) tlb.mask = tlb.mask * 2 + 1;
  tlb.slots = calloc(tlb.mask + 1, sizeof *tlb.slots);
  tabulate(&c);

  double start = now();
  for (int round = 0; round < rounds; round++)
    for (int i = 0; i < pages; i++) {
      entry found;
      walk(root, order[i], &a, &c, &found);
      sum += found.base;
    }
  double walks = (now() - start) / ((double)rounds * pages);
  for (int i = 0; i < pages; i++) sum += translate(root, order[i], 2, &c);
  start = now();
  for (int round = 0; round < rounds; round++)
    for (int i = 0; i < pages; i++) sum += translate(root, order[i] + 8, 2, &c);
  double hits = (now() - start) / ((double)rounds * pages);
  printf("{\"walk\":%.3f,\"hit\":%.3f,\"sum\":%lld}\n", walks, hits, (long long)sum);
  return 0;
}
