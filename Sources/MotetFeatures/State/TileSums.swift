/// Whole numbers summed up by tile of time: only the latest tiles are kept.
///
/// The sums are exact, so the order of additions changes nothing; and a tile that was dropped could never
/// have been among the latest again, so neither does the order in which tiles begin.
struct TileSums<Number: FixedWidthInteger & Sendable>: Hashable, Sendable {
    /// A tile that something was added to.
    struct Tile: Hashable, Sendable {
        /// The tile's number: the time it begins divided by its length.
        var index: Int64
        /// The sum.
        var sum: Number
    }

    /// The tiles from the earliest to the latest.
    private(set) var tiles: [Tile] = []

    init() {}

    init(_ tiles: [Tile]) { self.tiles = tiles }

    /// Adds a number in a tile.
    ///
    /// - Parameters:
    ///   - number: the number.
    ///   - index: the tile.
    ///   - count: how many tiles are looked at, at most, the latest among them.
    mutating func add(_ number: Number, at index: Int64, keeping count: Int64) {
        guard let last = tiles.last else {
            tiles.append(Tile(index: index, sum: number))
            return
        }
        if index == last.index {
            tiles[tiles.count - 1].sum &+= number
        } else if index > last.index {
            drop(upTo: index - count)
            tiles.append(Tile(index: index, sum: number))
        } else if index > last.index - count {
            insert(number, at: index)
        }
    }

    private mutating func insert(_ number: Number, at index: Int64) {
        var place = tiles.count - 1
        while place > 0, tiles[place - 1].index >= index { place -= 1 }
        if tiles[place].index == index {
            tiles[place].sum &+= number
        } else {
            tiles.insert(Tile(index: index, sum: number), at: place)
        }
    }

    private mutating func drop(upTo index: Int64) {
        let stale = tiles.prefix { $0.index <= index }.count
        if stale > 0 { tiles.removeFirst(stale) }
    }

    /// The sum over the tiles after one up to another.
    func sum(after first: Int64, through last: Int64) -> Number {
        var sum: Number = 0
        for tile in tiles where tile.index > first && tile.index <= last { sum &+= tile.sum }
        return sum
    }

    /// The sums of what was added to either.
    mutating func merge(_ other: TileSums, keeping count: Int64) {
        for tile in other.tiles { add(tile.sum, at: tile.index, keeping: count) }
    }
}
