/// Places buffers with known lifetimes into one arena: the largest first, each at the lowest offset
/// free during its lifetime.
///
/// - Source: greedy by size, Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
///   Inference", arXiv 2001.03288, algorithm 3.
enum ArenaAllocator {
    struct Request: Hashable {
        let id: Int
        let byteCount: Int
        let lifetime: ClosedRange<Int>
    }

    static let alignment = 64

    static func allocate(
        _ requests: [Request]
    ) -> (offsets: [(request: Request, offset: Int)], byteCount: Int) {
        let largestFirst = requests.sorted {
            ($1.byteCount, $0.id) < ($0.byteCount, $1.id)
        }
        var placed: [(request: Request, offset: Int)] = []
        var total = 0
        for request in largestFirst {
            let size = (request.byteCount + alignment - 1) / alignment * alignment
            let conflicting = placed.filter { $0.request.lifetime.overlaps(request.lifetime) }
                .sorted { $0.offset < $1.offset }
            var offset = 0
            for other in conflicting {
                if offset + size <= other.offset { break }
                let end = other.offset + other.request.byteCount
                offset = max(offset, (end + alignment - 1) / alignment * alignment)
            }
            placed.append((request, offset))
            total = max(total, offset + size)
        }
        return (placed, total)
    }
}
