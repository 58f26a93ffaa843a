import CKernels

/// Turns the batches of a file's column into what a role keeps.
protocol ColumnEncoder: AnyObject {
    /// Adds a batch's rows to `column`.
    ///
    /// - Returns: the first value of the batch that cannot be understood, if any.
    func encode(_ batch: ArrowColumn, into column: RawTable.Column) throws -> UnreadableValue?
}

/// A value that a role cannot take.
struct UnreadableValue {
    /// The row of the batch.
    let row: Int
    let problem: String
}

/// Memory that lives through many batches, aligned to 64 bytes as the inputs of models are.
final class ReusedMemory<Element: BitwiseCopyable> {
    private var memory = UnsafeMutableBufferPointer<Element>(start: nil, count: 0)

    deinit { UnsafeMutableRawPointer(memory.baseAddress)?.deallocate() }

    /// Room for `count` elements, contents left over from the last use.
    func room(_ count: Int) -> UnsafeMutableBufferPointer<Element> {
        if memory.count < count {
            UnsafeMutableRawPointer(memory.baseAddress)?.deallocate()
            let capacity = max(count, 1_024)
            let bytes = UnsafeMutableRawPointer.allocate(
                byteCount: capacity * MemoryLayout<Element>.stride,
                alignment: 64
            )
            memory = UnsafeMutableBufferPointer(
                start: bytes.bindMemory(to: Element.self, capacity: capacity),
                count: capacity
            )
        }
        return UnsafeMutableBufferPointer(rebasing: memory[0..<count])
    }
}

extension ArrowColumn {
    /// A byte for each row, 0 where it has no value; nil where all have one.
    func presence(_ memory: ReusedMemory<Bool>) -> UnsafePointer<UInt8>? {
        guard mayHaveNulls else { return nil }
        let flags = memory.room(count)
        copyValidity(into: flags)
        return UnsafeRawPointer(flags.baseAddress)?.assumingMemoryBound(to: UInt8.self)
    }
}
