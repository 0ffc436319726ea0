/*
 * The promise of slot.h, tried at every instruction: a child is stepped through a decision over
 * several slots, one machine instruction at a time, and after each the shared memory must hold the
 * last decision or the new one, whole. Then the reader against damage, and against a fast writer.
 */
#include "core/slot.h"

#include "base/prng.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CAPACITY 8
#define INSTRUCTIONS_MAX 20000000
#define COPY_SIZE 656 /* of one copy in a slot; its batch comes first */

static const uint8_t BOOT_ID[SLOT_BOOT_ID_SIZE] = {1, 2, 3};

static void *map(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    return memory;
}

static struct slot_table make_table(void) {
    struct slot_table table = {0};
    size_t size = slot_table_size(CAPACITY);
    assert_int_equal(slot_table_format(&table, map(size), size, BOOT_ID), 0);
    assert_int_equal(table.capacity, CAPACITY);
    return table;
}

static void drop(struct slot_table *table) {
    assert_int_equal(munmap(table->memory, slot_table_size(CAPACITY)), 0);
}

static struct slot make_slot(const char *name, uint64_t mark) {
    struct slot slot = {.is_used = 1, .spec_digest = {mark, ~mark}};
    service_init(&slot.service, mark);
    policy_init(&slot.policy);
    slot.policy.n_commands[PHASE_START] = 1;
    slot.policy.restart_usec = mark;
    memcpy(slot.name, name, strlen(name));
    return slot;
}

static void put(struct slot_table *table, uint32_t index, const char *name, uint64_t mark) {
    struct slot slot = make_slot(name, mark);
    slot_write(table, index, &slot);
}

static void assert_slot(const struct slot_table *table, uint32_t index, const char *name,
                        uint64_t mark) {
    struct slot slot;
    struct slot expected = make_slot(name, mark);
    assert_int_equal(slot_read(table, index, &slot), 0);
    assert_memory_equal(&slot, &expected, sizeof(slot));
}

static void test_what_is_committed_is_read(void **state) {
    (void)state;
    struct slot_table table = make_table();
    struct slot slot;
    assert_int_equal(slot_read(&table, 0, &slot), SLOT_FREE);
    slot_claim(&table, 0, "a.service");
    slot_claim(&table, 7, "b.service");
    put(&table, 0, "a.service", 1);
    put(&table, 7, "b.service", 2);
    assert_int_equal(slot_read(&table, 0, &slot), SLOT_FREE);
    slot_commit(&table);
    assert_slot(&table, 0, "a.service", 1);
    assert_slot(&table, 7, "b.service", 2);
    for (uint64_t mark = 3; mark < 10; mark++) {
        put(&table, 0, "a.service", 99);
        put(&table, 0, "a.service", mark);
        assert_slot(&table, 0, "a.service", mark == 3 ? 1 : mark - 1);
        slot_commit(&table);
        assert_slot(&table, 0, "a.service", mark);
        assert_slot(&table, 7, "b.service", 2);
    }
    drop(&table);
}

static void test_freed_slots_take_another_name(void **state) {
    (void)state;
    struct slot_table table = make_table();
    struct slot slot = make_slot("a.service", 1);
    slot_claim(&table, 1, "a.service");
    slot_write(&table, 1, &slot);
    slot_commit(&table);
    slot.is_used = 0;
    slot_write(&table, 1, &slot);
    slot_commit(&table);
    assert_int_equal(slot_read(&table, 1, &slot), SLOT_FREE);
    slot_claim(&table, 1, "other@x.service");
    assert_int_equal(slot_read(&table, 1, &slot), SLOT_FREE);
    put(&table, 1, "other@x.service", 5);
    slot_commit(&table);
    assert_slot(&table, 1, "other@x.service", 5);
    drop(&table);
}

/* A batch that a crash left must not become valid when another decision reaches its number. */
static void test_discarded_batches_do_not_come_back(void **state) {
    (void)state;
    struct slot_table table = make_table();
    slot_claim(&table, 0, "a");
    slot_claim(&table, 1, "b");
    put(&table, 0, "a", 1);
    put(&table, 1, "b", 1);
    slot_commit(&table);
    put(&table, 0, "a", 2);
    struct instance instance = {.last_event = 2};
    slot_write_instance(&table, &instance);
    slot_table_discard(&table);
    put(&table, 1, "b", 3);
    slot_commit(&table);
    assert_slot(&table, 0, "a", 1);
    assert_slot(&table, 1, "b", 3);
    assert_int_equal(slot_read_instance(&table, &instance), 0);
    assert_int_equal(instance.last_event, 0);
    drop(&table);
}

static void test_instance(void **state) {
    (void)state;
    struct slot_table table = make_table();
    struct instance instance = {.last_event = 9};
    assert_int_equal(slot_read_instance(&table, &instance), 0);
    assert_int_equal(instance.last_event, 0);
    instance = (struct instance){.last_event = 5, .last_exit = 6, .keeper = {.pid = 7}};
    slot_write_instance(&table, &instance);
    slot_commit(&table);
    struct instance read = {0};
    assert_int_equal(slot_read_instance(&table, &read), 0);
    assert_memory_equal(&read, &instance, sizeof(read));
    drop(&table);
}

static void test_attach_refuses_what_it_does_not_know(void **state) {
    (void)state;
    struct slot_table table = make_table();
    struct slot_table other = {0};
    size_t size = slot_table_size(CAPACITY);
    assert_int_equal(slot_table_attach(&other, table.memory, size), 0);
    assert_int_equal(other.capacity, CAPACITY);
    uint8_t boot_id[SLOT_BOOT_ID_SIZE];
    slot_table_boot_id(&other, boot_id);
    assert_memory_equal(boot_id, BOOT_ID, sizeof(boot_id));
    /* A file that was cut has the slots that are left. */
    assert_int_equal(slot_table_attach(&other, table.memory, size - 1), 0);
    assert_int_equal(other.capacity, CAPACITY - 1);
    assert_int_equal(slot_table_attach(&other, table.memory, SLOT_TABLE_HEADER_SIZE), -EBADMSG);
    assert_int_equal(slot_table_attach(&other, table.memory, 0), -EBADMSG);
    uint32_t *words = table.memory;
    words[2]++; /* layout */
    assert_int_equal(slot_table_attach(&other, table.memory, size), -EPROTONOSUPPORT);
    words[2]--;
    words[3]++; /* slot size */
    assert_int_equal(slot_table_attach(&other, table.memory, size), -EBADMSG);
    words[3]--;
    words[0] ^= 1; /* magic */
    assert_int_equal(slot_table_attach(&other, table.memory, size), -EBADMSG);
    assert_int_equal(slot_table_format(&other, table.memory, 100, BOOT_ID), -EINVAL);
    drop(&table);
}

static void test_growing_moves_nothing(void **state) {
    (void)state;
    struct slot_table table = make_table();
    struct slot_table reader = table;
    slot_claim(&table, 3, "a");
    put(&table, 3, "a", 1);
    slot_commit(&table);
    size_t old_size = slot_table_size(CAPACITY);
    size_t size = slot_table_size(2 * CAPACITY);
    assert_int_equal(slot_table_grow(&table, table.memory, old_size), -EINVAL);
    assert_false(slot_table_has_grown(&reader));
    void *smaller = table.memory;
    void *larger = map(size);
    memcpy(larger, smaller, old_size);
    assert_int_equal(slot_table_grow(&table, larger, size), 0);
    assert_int_equal(table.capacity, 2 * CAPACITY);
    reader.memory = larger;
    assert_true(slot_table_has_grown(&reader));
    assert_slot(&table, 3, "a", 1);
    slot_claim(&table, 15, "b");
    put(&table, 15, "b", 2);
    slot_commit(&table);
    assert_slot(&table, 15, "b", 2);
    assert_int_equal(munmap(larger, size), 0);
    assert_int_equal(munmap(smaller, old_size), 0);
}

static void test_epoch_and_spawn_records(void **state) {
    (void)state;
    struct slot_table table = make_table();
    assert_int_equal(slot_table_next_epoch(&table), 1);
    assert_int_equal(slot_table_next_epoch(&table), 2);
    assert_int_equal(atomic_load(slot_table_epoch(&table)), 2);
    slot_claim(&table, 2, "a");
    struct slot_spawn_record *main = slot_spawn_record(&table, 2, ROLE_MAIN);
    struct slot_spawn_record *control = slot_spawn_record(&table, 2, ROLE_CONTROL);
    atomic_store(&main->attempt, 4);
    atomic_store(&main->refused, 4);
    assert_int_equal(atomic_load(&control->attempt), 0);
    slot_claim(&table, 2, "b");
    assert_int_equal(atomic_load(&main->attempt), 0);
    assert_int_equal(atomic_load(&main->refused), 0);
    drop(&table);
}

/* Any byte of a slot's valid copy or name, damaged, is seen; the other slots are not concerned. */
static void test_each_damaged_byte_is_seen(void **state) {
    (void)state;
    struct slot_table table = make_table();
    slot_claim(&table, 0, "a");
    slot_claim(&table, 1, "b");
    put(&table, 0, "a", 1);
    put(&table, 1, "b", 2);
    slot_commit(&table);
    unsigned char *bytes = (unsigned char *)table.memory + SLOT_TABLE_HEADER_SIZE;
    size_t n_seen = 0;
    for (size_t i = 0; i < SLOT_SIZE; i++) {
        struct slot slot;
        bytes[i] ^= 0x10;
        int r = slot_read(&table, 0, &slot);
        n_seen += r != 0;
        bool is_same = r == 0 && slot.spec_digest[0] == 1;
        assert_true(is_same || r == -EBADMSG || r == SLOT_FREE);
        assert_slot(&table, 1, "b", 2);
        bytes[i] ^= 0x10;
    }
    /* One copy with its head, and the name, at least. */
    assert_in_range(n_seen, 640 + 16 + 256, SLOT_SIZE);
    drop(&table);
}

/* Noise everywhere: the reader answers something, and never anything that breaks a rule. */
static void test_noise_is_never_believed(void **state) {
    (void)state;
    struct prng prng = {.state = 1};
    size_t size = slot_table_size(CAPACITY);
    uint64_t *words = map(size);
    for (int round = 0; round < 200; round++) {
        struct slot_table table = {0};
        memset(words, 0, size);
        assert_int_equal(slot_table_format(&table, words, size, BOOT_ID), 0);
        for (size_t i = round % 2 == 0 ? SLOT_TABLE_HEADER_SIZE / 8 : 8; i < size / 8; i++) {
            /* Small numbers too, so that batches are plausible. */
            words[i] = prng_next(&prng) >> prng_below(&prng, 64);
        }
        for (uint32_t i = 0; i < CAPACITY; i++) {
            struct slot slot;
            struct instance instance;
            int r = slot_read(&table, i, &slot);
            assert_true(r == SLOT_FREE || r == -EBADMSG);
            (void)slot_read_instance(&table, &instance);
        }
        slot_table_discard(&table);
    }
    assert_int_equal(munmap(words, size), 0);
}

/* The decision: three slots, one of them with its first commit, and the instance. */
static void decide(struct slot_table *table) {
    struct instance instance = {.last_event = 2};
    put(table, 0, "a", 2);
    put(table, 1, "b", 2);
    put(table, 5, "new", 2);
    slot_write_instance(table, &instance);
    slot_commit(table);
}

/* Which decision the memory holds: 1 the last, 2 the new one. */
static uint64_t decision(const struct slot_table *table) {
    struct slot slots[3];
    struct instance instance;
    assert_int_equal(slot_read(table, 0, &slots[0]), 0);
    assert_int_equal(slot_read(table, 1, &slots[1]), 0);
    int r = slot_read(table, 5, &slots[2]);
    assert_int_equal(slot_read_instance(table, &instance), 0);
    uint64_t found = slots[0].spec_digest[0];
    assert_int_equal(slots[1].spec_digest[0], found);
    assert_int_equal(instance.last_event, found);
    assert_int_equal(r, found == 1 ? SLOT_FREE : 0);
    return found;
}

/*
 * A reader may have chosen either copy just before, so each must be whole whenever it has a batch,
 * also the one that is being written. Seen in a picture of the memory in which the other has none
 * and every batch is committed.
 */
static void assert_no_copy_lies(const struct slot_table *table, struct slot_table *picture) {
    for (size_t other = 0; other < 2; other++) {
        struct slot slot;
        uint64_t none = 0;
        memcpy(picture->memory, table->memory, slot_table_size(1));
        unsigned char *copies = (unsigned char *)picture->memory + SLOT_TABLE_HEADER_SIZE;
        memcpy(copies + other * COPY_SIZE, &none, sizeof(none));
        slot_commit(picture);
        assert_int_not_equal(slot_read(picture, 0, &slot), -EBADMSG);
    }
}

/* A child that stops at once, and then runs `work` when it is stepped. */
static pid_t start_stepped(void (*work)(struct slot_table *), struct slot_table *table) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0) {
            _exit(1);
        }
        work(table);
        (void)kill(getpid(), SIGSTOP);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    return pid;
}

/* One instruction. False: the work is over. */
static bool single_step(pid_t pid) {
    int status = 0;
    assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSTOPPED(status));
    return WSTOPSIG(status) == SIGTRAP;
}

static void end_stepped(pid_t pid) {
    int status = 0;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void test_killed_at_any_instruction(void **state) {
    (void)state;
    struct slot_table table = make_table();
    struct slot_table picture = make_table();
    struct instance instance = {.last_event = 1};
    slot_claim(&table, 0, "a");
    slot_claim(&table, 1, "b");
    slot_claim(&table, 5, "new");
    for (int i = 0; i < 2; i++) { /* twice, so that both copies hold something */
        put(&table, 0, "a", 1);
        put(&table, 1, "b", 1);
        slot_write_instance(&table, &instance);
        slot_commit(&table);
    }

    pid_t pid = start_stepped(decide, &table);
    uint64_t found = 1;
    unsigned n_steps = 0;
    unsigned n_changes = 0;
    for (; n_steps < INSTRUCTIONS_MAX && single_step(pid); n_steps++) {
        uint64_t now = decision(&table);
        n_changes += now != found;
        found = now;
        assert_no_copy_lies(&table, &picture);
    }
    end_stepped(pid);
    assert_in_range(n_steps, 500, INSTRUCTIONS_MAX - 1);
    assert_int_equal(n_changes, 1);
    assert_int_equal(found, 2);
    drop(&picture);
    drop(&table);
}

static void *write_fast(void *argument) {
    struct slot_table *table = argument;
    for (uint64_t mark = 2; mark < 100000; mark++) {
        put(table, 0, "a", mark);
        slot_commit(table);
    }
    return NULL;
}

/* Whatever is read was written in one piece, and time does not go backwards. */
static void test_readers_beside_a_fast_writer(void **state) {
    (void)state;
    struct slot_table table = make_table();
    pthread_t writer;
    slot_claim(&table, 0, "a");
    put(&table, 0, "a", 1);
    slot_commit(&table);
    assert_int_equal(pthread_create(&writer, NULL, write_fast, &table), 0);
    uint64_t last = 1;
    for (int i = 0; i < 100000; i++) {
        struct slot slot;
        int r = slot_read(&table, 0, &slot);
        assert_true(r == 0 || r == -EAGAIN);
        if (r == 0) {
            assert_true(slot.spec_digest[0] >= last);
            assert_true(slot.policy.restart_usec == slot.spec_digest[0]);
            last = slot.spec_digest[0];
        }
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_slot(&table, 0, "a", 99999);
    drop(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_committed_is_read),
        cmocka_unit_test(test_freed_slots_take_another_name),
        cmocka_unit_test(test_discarded_batches_do_not_come_back),
        cmocka_unit_test(test_instance),
        cmocka_unit_test(test_attach_refuses_what_it_does_not_know),
        cmocka_unit_test(test_growing_moves_nothing),
        cmocka_unit_test(test_epoch_and_spawn_records),
        cmocka_unit_test(test_each_damaged_byte_is_seen),
        cmocka_unit_test(test_noise_is_never_believed),
        cmocka_unit_test(test_killed_at_any_instruction),
        cmocka_unit_test(test_readers_beside_a_fast_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
