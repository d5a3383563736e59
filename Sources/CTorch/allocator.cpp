// Memory of large tensors, kept for the next one of its size. A training step asks for the same sizes again and
// again; taken from the system each time, a tenth of the step goes into clearing pages.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <map>
#include <mutex>
#include <vector>

#include "guard.h"

namespace {

// Smaller blocks go to malloc, which is quick with them.
constexpr size_t least = size_t{256} << 10;
constexpr size_t page = size_t{2} << 20;
// What may lie unused, a sixteenth of the machine's memory; beyond it what has lain longest goes back to the system.
const size_t most_unused = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE)) / 16;

// Sizes come in four steps to a doubling: at most a quarter of a block is wasted.
size_t stepped(size_t size) {
  size_t step = std::max<size_t>(std::bit_floor(size) / 4, 64 << 10);
  return (size + step - 1) / step * step;
}

// Lies before every block, whose alignment it keeps.
struct alignas(64) Header {
  size_t size;  // with the header; 0 for what malloc gave
  Header *older, *newer;  // while it lies unused
};

class KeepingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t size) override {
    void *data = nullptr;
    if (size > 0) {
      size_t whole = size + sizeof(Header);
      Header *header;
      if (whole < least) {
        header = static_cast<Header *>(c10::alloc_cpu(whole));
        header->size = 0;
      } else {
        header = take(stepped(whole));
      }
      data = header + 1;
    }
    // The context is the data: ATen asks for memory without an owner too.
    return {data, data, &release, c10::DeviceType::CPU};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void *to, const void *from, size_t size) const override { std::memcpy(to, from, size); }

 private:
  static std::mutex lock;
  static std::multimap<size_t, Header *> unused;
  static size_t unused_bytes;
  static Header *oldest, *newest;

  static void release(void *data) {
    if (data == nullptr) return;
    Header *header = static_cast<Header *>(data) - 1;
    if (header->size == 0) return c10::free_cpu(header);
    std::lock_guard guard(lock);
    unused.emplace(header->size, header);
    unused_bytes += header->size;
    header->newer = nullptr;
    header->older = newest;
    (newest ? newest->newer : oldest) = header;
    newest = header;
    while (unused_bytes > most_unused && oldest != nullptr) {
      Header *last = oldest;
      auto [first, end] = unused.equal_range(last->size);
      for (auto entry = first; entry != end; ++entry)
        if (entry->second == last) {
          take_out(entry);
          break;
        }
      munmap(last, last->size);
    }
  }
  // The lock is held.
  static Header *take_out(std::multimap<size_t, Header *>::iterator entry) {
    Header *header = entry->second;
    unused.erase(entry);
    unused_bytes -= header->size;
    (header->older ? header->older->newer : oldest) = header->newer;
    (header->newer ? header->newer->older : newest) = header->older;
    return header;
  }
  static Header *take(size_t size) {
    {
      std::lock_guard guard(lock);
      // A block up to a quarter too large will do.
      auto found = unused.lower_bound(size);
      if (found != unused.end() && found->first <= size + size / 4) return take_out(found);
    }
    void *base = map(size);
    if (base == MAP_FAILED) {
      release_unused();
      base = map(size);
    }
    TORCH_CHECK_WITH(OutOfMemoryError, base != MAP_FAILED, "can't allocate memory: you tried to allocate ", size, " bytes");
    Header *header = static_cast<Header *>(base);
    header->size = size;
    return header;
  }
  static void *map(size_t size) {
    void *base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base != MAP_FAILED && size >= page) madvise(base, size, MADV_HUGEPAGE);
    return base;
  }
  static void release_unused() {
    std::lock_guard guard(lock);
    while (!unused.empty()) {
      Header *header = take_out(unused.begin());
      munmap(header, header->size);
    }
  }
};

std::mutex KeepingAllocator::lock;
std::multimap<size_t, Header *> KeepingAllocator::unused;
size_t KeepingAllocator::unused_bytes = 0;
Header *KeepingAllocator::oldest = nullptr, *KeepingAllocator::newest = nullptr;

}  // namespace

extern "C" void ct_keep_memory(void) {
  static KeepingAllocator allocator;
  static const bool set = [] {
    c10::SetCPUAllocator(&allocator, 1);
    return true;
  }();
  (void)set;
}
