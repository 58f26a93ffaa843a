import Foundation

/// An array that grows at its end while a file is read, kept in memory while it is small and in an
/// unnamed file once it is not.
final class ScratchArray<Element: BitwiseCopyable> {
    /// The number of elements.
    private(set) var count = 0

    private let directory: String
    private let memoryLimit: Int
    private var buffer: UnsafeMutablePointer<Element>
    private var capacity: Int
    private var staged = 0
    private var descriptor: Int32 = -1
    private var mapped: UnsafeMutableRawPointer?

    /// Creates an empty array.
    ///
    /// - Parameters:
    ///   - directory: where a file may be made.
    ///   - memoryBytes: how much is kept in memory.
    ///   - expected: how many elements there will be, as far as that is known: the rows of a request need no more room.
    init(directory: String, memoryBytes: Int = 4 << 20, expected: Int = 8_192) {
        self.directory = directory
        memoryLimit = max(1, memoryBytes / MemoryLayout<Element>.stride)
        capacity = min(memoryLimit, max(1, expected))
        buffer = .allocate(capacity: capacity)
    }

    deinit {
        if let mapped { munmap(mapped, max(1, count * MemoryLayout<Element>.stride)) }
        if descriptor >= 0 { close(descriptor) }
        buffer.deallocate()
    }

    /// Adds elements that `body` writes.
    ///
    /// - Parameters:
    ///   - size: room that `body` gets.
    ///   - body: writes the elements and returns how many it wrote.
    /// - Throws: what `body` throws, and ``PreparationError`` where the disk is full.
    func append(
        _ size: Int,
        _ body: (UnsafeMutablePointer<Element>) throws -> Int
    ) throws {
        precondition(mapped == nil, "the array was finished")
        if staged + size > capacity { try makeRoom(size) }
        let written = try body(buffer + staged)
        staged += written
        count += written
    }

    /// Empties an array that has no file; its memory is kept.
    func removeAll() {
        precondition(descriptor < 0, "the array has a file")
        (count, staged) = (0, 0)
    }

    private func makeRoom(_ size: Int) throws {
        if staged + size > memoryLimit, staged > 0 { try flush() }
        guard staged + size > capacity else { return }
        var larger = capacity
        while larger < staged + size { larger *= 2 }
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        moved.update(from: buffer, count: staged)
        buffer.deallocate()
        buffer = moved
        capacity = larger
    }

    private func flush() throws {
        if descriptor < 0 { try openFile() }
        var rest = UnsafeRawBufferPointer(
            start: buffer,
            count: staged * MemoryLayout<Element>.stride
        )
        while !rest.isEmpty {
            let written = write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw fileError("cannot be written")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
        staged = 0
    }

    private func openFile() throws {
        var template = Array((directory + "/scratch-XXXXXX").utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw fileError("cannot be made") }
        unlink(template)
    }

    private func fileError(_ problem: String) -> PreparationError {
        PreparationError(
            "cannot_write",
            "preparation: a temporary file in \(directory) \(problem); expected room on the disk "
                + "and the right to write; received \"\(String(cString: strerror(errno)))\"."
        )
    }

    /// Ends the growth; from here the elements may be looked at and changed.
    func finish() throws {
        guard descriptor >= 0, mapped == nil else { return }
        try flush()
        let size = max(1, count * MemoryLayout<Element>.stride)
        let address = mmap(
            nil,
            size,
            PROT_READ | PROT_WRITE,
            MAP_SHARED,
            descriptor,
            0
        )
        guard let address, address != MAP_FAILED else { throw fileError("cannot be mapped") }
        mapped = address
    }

    /// The elements.
    var elements: UnsafeMutableBufferPointer<Element> {
        precondition(descriptor < 0 || mapped != nil, "the array is still growing")
        let base = mapped?.assumingMemoryBound(to: Element.self) ?? buffer
        return UnsafeMutableBufferPointer(start: base, count: count)
    }
}
