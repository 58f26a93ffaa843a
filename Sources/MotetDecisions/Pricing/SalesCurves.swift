import Synchronization

/// The curves of the stocks that items had, so that each is computed once: most items of a shop have stocks that others have too.
///
/// It belongs to who chooses prices, such as a server's store of prices, and any number of threads may ask it.
public final class SalesCurves: Sendable {
    /// How many are kept, of some 3 kB each.
    private let most: Int
    private let curves = Mutex<[Int: SalesCurve]>([:])

    /// None yet.
    ///
    /// - Parameter most: how many are kept; where there are more, all are forgotten and come again as they are asked for.
    public init(most: Int = 2_000) { self.most = most }

    /// How many are kept now.
    var count: Int { curves.withLock { $0.count } }

    /// The curve of a stock of at least 1.
    func curve(of stock: Int) -> SalesCurve {
        if let known = curves.withLock({ $0[stock] }) { return known }
        // Two threads may compute the same one: it has the same bits.
        let curve = SalesCurve(stock: stock)
        curves.withLock { curves in
            if curves.count >= most { curves.removeAll() }
            curves[stock] = curve
        }
        return curve
    }
}
