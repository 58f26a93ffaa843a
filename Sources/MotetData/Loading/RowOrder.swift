import CKernels
import MotetCore

/// The rows a loader goes through.
public enum BatchRows: Hashable, Sendable {
    /// Every row.
    case all
    /// Consecutive rows.
    case range(Range<Int>)
    /// Any rows, by number; 8 bytes of memory each.
    case indices([Int])

    func count(of rowCount: Int) -> Int {
        switch self {
        case .all: rowCount
        case .range(let range): range.count
        case .indices(let indices): indices.count
        }
    }
}

/// How rows are shuffled without holding an order of all rows in memory.
///
/// Blocks of consecutive rows are put in random order; the rows of `windowBlocks` of them at a time
/// are shuffled together. Up to `blockRows * windowBlocks` rows, that is a shuffle of all rows.
public struct ShuffleOptions: Hashable, Sendable {
    /// The rows of a block: long enough that reading one from a disk is efficient.
    public var blockRows: Int
    /// The blocks whose rows are mixed.
    public var windowBlocks: Int

    /// Creates options.
    public init(blockRows: Int = 4096, windowBlocks: Int = 32) {
        self.blockRows = blockRows
        self.windowBlocks = windowBlocks
    }
}

/// The order of rows in an epoch, walked through from any position.
///
/// The order is a function of the key and the epoch alone. Memory: one window of row numbers, and 8
/// bytes for each block.
final class RowOrder {
    let count: Int
    private let selection: BatchRows
    private let key: RandomKey?
    private let options: ShuffleOptions
    private let blockCount: Int
    private let blocks: UnsafeMutablePointer<Int64>
    private let window: UnsafeMutablePointer<Int64>
    private var windowKey: RandomKey
    private var windowIndex = 0
    private var windowCount = 0
    /// The next row: in the window when shuffled, else in the selection.
    private var position = 0
    /// Called with the rows of the window after the one that was just made.
    var willNeed: ((Range<Int>) -> Void)?

    init(rowCount: Int, selection: BatchRows, key: RandomKey?, options: ShuffleOptions) {
        count = selection.count(of: rowCount)
        self.selection = selection
        self.key = key
        self.options = options
        blockCount = key == nil ? 0 : (count + options.blockRows - 1) / options.blockRows
        blocks = .allocate(capacity: max(blockCount, 1))
        let rows = min(options.blockRows * options.windowBlocks, count)
        window = .allocate(capacity: key == nil ? 1 : max(rows, 1))
        windowKey = RandomKey(seed: 0)
    }

    deinit {
        blocks.deallocate()
        window.deallocate()
    }

    /// Goes to a position of an epoch.
    func start(epoch: Int, position: Int) {
        self.position = position
        guard let key else { return }
        let epochKey = key.split("epoch").split(epoch)
        windowKey = epochKey.split("window")
        for block in 0..<blockCount { blocks[block] = Int64(block) }
        motet_shuffle_i64(blocks, Int64(blockCount), epochKey.split("blocks").value)
        windowIndex = 0
        windowCount = size(ofWindow: 0)
        while self.position >= windowCount, windowCount > 0 {
            self.position -= windowCount
            windowIndex += 1
            windowCount = size(ofWindow: windowIndex)
        }
        if windowCount > 0 { makeWindow() }
    }

    /// Writes the next rows, at most `capacity`.
    ///
    /// - Returns: how many there are, and whether they are consecutive.
    func take(_ capacity: Int, into rows: UnsafeMutablePointer<Int64>) -> (count: Int, isRun: Bool)
    {
        guard key != nil else { return takeInSequence(capacity, into: rows) }
        var taken = 0
        while taken < capacity, windowCount > 0 {
            let part = min(capacity - taken, windowCount - position)
            (rows + taken).update(from: window + position, count: part)
            taken += part
            position += part
            guard position == windowCount else { continue }
            windowIndex += 1
            windowCount = size(ofWindow: windowIndex)
            position = 0
            if windowCount > 0 { makeWindow() }
        }
        return (taken, false)
    }

    private func takeInSequence(
        _ capacity: Int,
        into rows: UnsafeMutablePointer<Int64>
    ) -> (count: Int, isRun: Bool) {
        let taken = min(capacity, count - position)
        defer { position += taken }
        switch selection {
        case .all, .range:
            var start = position
            if case .range(let range) = selection { start += range.lowerBound }
            for index in 0..<taken { rows[index] = Int64(start + index) }
            return (taken, true)
        case .indices(let indices):
            for index in 0..<taken { rows[index] = Int64(indices[position + index]) }
            return (taken, false)
        }
    }

    private func rows(ofBlock block: Int) -> Range<Int> {
        let start = Int(blocks[block]) * options.blockRows
        return start..<min(start + options.blockRows, count)
    }

    private func blocks(ofWindow index: Int) -> Range<Int> {
        let start = min(index * options.windowBlocks, blockCount)
        return start..<min(start + options.windowBlocks, blockCount)
    }

    private func size(ofWindow index: Int) -> Int {
        blocks(ofWindow: index).reduce(0) { $0 + rows(ofBlock: $1).count }
    }

    private func makeWindow() {
        var filled = 0
        for block in blocks(ofWindow: windowIndex) {
            let rows = rows(ofBlock: block)
            switch selection {
            case .all:
                for row in rows {
                    window[filled] = Int64(row)
                    filled += 1
                }
            case .range(let range):
                for row in rows {
                    window[filled] = Int64(range.lowerBound + row)
                    filled += 1
                }
            case .indices(let indices):
                for row in rows {
                    window[filled] = Int64(indices[row])
                    filled += 1
                }
            }
        }
        motet_shuffle_i64(window, Int64(filled), windowKey.split(windowIndex).value)
        guard let willNeed else { return }
        for block in blocks(ofWindow: windowIndex + 1) {
            switch selection {
            case .all: willNeed(rows(ofBlock: block))
            case .range(let range):
                let rows = rows(ofBlock: block)
                willNeed(rows.lowerBound + range.lowerBound..<rows.upperBound + range.lowerBound)
            case .indices: break
            }
        }
    }
}
