import CKernels
import Foundation

/// Bytes that a prepared column reads: mapped from a file, or owned.
///
/// `@unchecked Sendable`: after `init` the bytes are only read, and only `deinit` gives them back.
final class PreparedMemory: @unchecked Sendable {
    private enum Owner { case allocation, mapping }

    let bytes: UnsafeRawBufferPointer
    private let owner: Owner

    /// Copies values into memory of its own.
    init<Element: BitwiseCopyable>(_ values: UnsafeBufferPointer<Element>) {
        let count = values.count * MemoryLayout<Element>.stride
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 64)
        memory.copyMemory(from: UnsafeRawBufferPointer(values))
        bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory).prefix(count))
        owner = .allocation
    }

    /// Maps a file of a known size.
    init(mapping path: String, byteCount: Int) throws(TableError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TableError(
                .preparedStale,
                "\(path): prepared file is missing; expected \(byteCount) bytes."
            )
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, Int(information.st_size) == byteCount else {
            throw TableError(
                .preparedStale,
                "\(path): prepared file has another size; expected \(byteCount) bytes; received "
                    + "\(information.st_size)."
            )
        }
        guard byteCount > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            owner = .mapping
            return
        }
        guard let start = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0),
            start != MAP_FAILED
        else {
            throw TableError(
                .inputOutput,
                "\(path): file cannot be mapped into memory; expected address space for "
                    + "\(byteCount) bytes; received \"\(String(cString: strerror(errno)))\"."
            )
        }
        bytes = UnsafeRawBufferPointer(start: start, count: byteCount)
        owner = .mapping
    }

    deinit {
        switch owner {
        case .allocation: UnsafeMutableRawBufferPointer(mutating: bytes).deallocate()
        case .mapping:
            if let start = bytes.baseAddress {
                munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
            }
        }
    }

    /// Asks the system to read a range of a mapped file ahead of its use.
    func willNeed(_ range: Range<Int>) {
        guard case .mapping = owner, let start = bytes.baseAddress, !range.isEmpty else { return }
        let page = 4096
        let from = range.lowerBound / page * page
        let address = UnsafeMutableRawPointer(mutating: start + from)
        madvise(address, min(range.upperBound, bytes.count) - from, MADV_WILLNEED)
    }

    /// XXH64 of the bytes, in hexadecimal.
    var checksum: String {
        var state = MotetChecksum()
        motet_checksum_start(&state)
        motet_checksum_add(&state, bytes.baseAddress, Int64(bytes.count))
        return hexadecimal(motet_checksum_value(&state))
    }
}

/// 16 hexadecimal digits.
func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
