import Synchronization

/// The orders that the rows of a log would place, were everything in stock.
///
/// For each item on each day they are what part of the day's rows has gone by at each order, in the order of time.
struct LogOrders: Sendable {
    /// An order: the place `item * days + day`, and its moment.
    struct Order: Sendable {
        let place: Int
        let moment: Double
    }

    private let starts: [Int]
    private let moments: [Double]

    /// Sorts orders, which are in the order of time, by item and day.
    init(_ blocks: [[Order]], places: Int) {
        var starts = [Int](repeating: 0, count: places + 1)
        for block in blocks { for order in block { starts[order.place + 1] += 1 } }
        for place in 0..<places { starts[place + 1] += starts[place] }
        var next = starts
        var moments = [Double](repeating: 0, count: starts[places])
        for block in blocks {
            for order in block {
                moments[next[order.place]] = order.moment
                next[order.place] += 1
            }
        }
        self.starts = starts
        self.moments = moments
    }

    /// The moments of the orders of an item on a day.
    subscript(_ place: Int) -> ArraySlice<Double> { moments[starts[place]..<starts[place + 1]] }

    /// The number of orders of places that follow each other.
    func count(_ places: Range<Int>) -> Int {
        starts[places.upperBound] - starts[places.lowerBound]
    }
}

/// The blocks of a log that are looked through for orders, which threads take one after the other.
final class OrderWork: Sendable {
    private let generator: ImpressionGenerator
    private let isStopped: @Sendable () -> Bool
    private let next = Atomic<Int>(0)
    private let done = Atomic<Int>(0)
    private let found: Mutex<(blocks: [[LogOrders.Order]], isStopped: Bool)>
    private let blocks: Int

    init(_ world: SimulatedWorld, isStopped: @escaping @Sendable () -> Bool) {
        generator = ImpressionGenerator(world)
        self.isStopped = isStopped
        blocks = (generator.rows + Simulation.blockRows - 1) / Simulation.blockRows
        found = Mutex(([[LogOrders.Order]](repeating: [], count: blocks), false))
    }

    /// Looks through the log.
    ///
    /// - Parameters:
    ///   - threads: how many threads do it.
    ///   - progress: told the rows that are done, by the calling thread, ten times a second.
    /// - Returns: the orders; nil when it was stopped.
    func orders(threads: Int, progress: (Int) -> Void) -> LogOrders? {
        WorkingThreads.run(min(threads, blocks), label: "motet.simulation.orders", run) {
            progress(done.load(ordering: .relaxed))
        }
        let settings = generator.world.settings
        return found.withLock { found in
            found.isStopped
                ? nil : LogOrders(found.blocks, places: settings.items * settings.days)
        }
    }

    private func run() {
        var block = ImpressionBlock(generator.world)
        while true {
            let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard number < blocks else { return }
            guard !isStopped() else { return found.withLock { $0.isStopped = true } }
            let first = number * Simulation.blockRows
            let rows = first..<min(first + Simulation.blockRows, generator.rows)
            let orders = generator.orders(&block, rows: rows)
            found.withLock { $0.blocks[number] = orders }
            done.add(rows.count, ordering: .relaxed)
        }
    }
}

extension ImpressionGenerator {
    /// Whether a step of a row comes about, given the step before.
    func happens(_ step: Int, _ row: Int, _ probability: Float) -> Bool {
        keys.outcome[step].uniform(row) < Double(probability)
    }

    /// The orders that consecutive rows would place, were everything in stock.
    func orders(
        _ block: inout ImpressionBlock,
        rows range: Range<Int>
    ) -> [LogOrders.Order] {
        block.resize(to: range.count)
        block.firstRow = range.lowerBound
        fillContext(&block)
        fillScores(&block)
        fillProbabilities(&block)
        var orders: [LogOrders.Order] = []
        for index in 0..<block.count {
            let row = block.firstRow + index
            guard happens(0, row, block.probability[0][index]),
                happens(1, row, block.probability[1][index]),
                happens(2, row, block.payInStock[index])
            else { continue }
            let place = Int(block.item[index]) * world.settings.days + Int(block.day[index])
            orders.append(LogOrders.Order(place: place, moment: block.shareOfDay[index]))
        }
        return orders
    }
}
