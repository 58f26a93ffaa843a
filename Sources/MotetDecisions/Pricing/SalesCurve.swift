import Foundation

/// The logarithm of mean sales under one stock, by the logarithm of mean demand.
///
/// `L(y) = log E min(Q, stock)` for `Q` of the Poisson distribution with mean `m = exp(y)`. Its slope is
/// `m P(Q < stock) / E min(Q, stock)`, from 1 where the stock is enough down to 0 where it never is. The slope falls everywhere: with
/// `g(t)` the probability that demand of the mean `t` is below the stock, `E min(Q, stock)` is the integral of `g` from 0 to `m`, so that one over
/// the slope is the integral over `u` from 0 to 1 of `g(m u) / g(m)`; `g` is the tail of a gamma distribution of shape `stock`, whose hazard
/// rises, and so does each `g(m u) / g(m)` with `m`. So `L` is concave.
///
/// The curve has the slopes at knots, straight lines between them, and their integral: it is concave too, which is what makes it right to look
/// for the best price by halving. It strays from the logarithm it stands for by `0.0013 / sqrt(stock)` at most (tests hold it against sums).
struct SalesCurve: Sendable {
    /// A piece between two knots: `value + t (slope + t bend)` for `t` from 0 to 1.
    private struct Piece {
        var value, slope, bend: Double
    }

    /// The slope of the curve on a piece: `start + t bend` for `t` from 0 to 1.
    private struct Slope {
        var start, bend: Double
    }

    private static let pieces = 64
    private let least: Double
    private let scale: Double
    /// What the logarithm of sales is below that of demand before the first knot.
    private let offset: Double
    private let greatest: Double
    private let pieces: [Piece]
    /// One for each piece, and one for what is before the first and after the last.
    private let slopes: [Slope]

    /// The curve of a stock of at least 1.
    init(stock: Int) {
        let count = Double(stock)
        let deviation = 1 / count.squareRoot()
        // Eight and four relative standard deviations from the stock sales are demand, and the stock.
        least = log(count) - 8 * deviation
        let step = 12 * deviation / Double(Self.pieces)
        scale = 1 / step
        var slopes: [Double] = []
        slopes.reserveCapacity(Self.pieces + 1)
        var first = least
        for knot in 0...Self.pieces {
            let mean = exp(least + step * Double(knot))
            let (units, probability) = Sales.missing(mean: mean, stock: stock)
            let sales = min(count - units, mean)
            // Rounding may raise a slope, but must not.
            slopes.append(min(max(mean * probability / sales, 0), slopes.last ?? 1))
            if knot == 0 { first = log(sales) }
        }
        offset = first - least
        var value = first
        var pieces: [Piece] = []
        pieces.reserveCapacity(Self.pieces)
        for knot in 0..<Self.pieces {
            let (slope, next) = (step * slopes[knot], step * slopes[knot + 1])
            pieces.append(Piece(value: value, slope: slope, bend: (next - slope) / 2))
            value += (slope + next) / 2
        }
        greatest = value
        self.pieces = pieces
        let scale = scale
        self.slopes =
            [Slope(start: 1, bend: 0)]
            + pieces.map { Slope(start: $0.slope * scale, bend: 2 * $0.bend * scale) }
            + [Slope(start: 0, bend: 0)]
    }

    /// The slope of the curve at the logarithm of mean demand.
    ///
    /// It is asked for so often that nothing in it depends on where the demand lies.
    @inline(__always)
    func slope(_ demand: Double) -> Double {
        // What is no number is before the first knot.
        let place = min(Double(Self.pieces) + 1, max(0, (demand - least) * scale + 1))
        let index = Int(place)
        let slope = slopes[index]
        return slope.start + (place - Double(index)) * slope.bend
    }

    /// The logarithm of mean sales at the logarithm of mean demand.
    func callAsFunction(_ demand: Double) -> Double {
        let place = (demand - least) * scale
        guard place > 0 else { return demand + offset }
        guard place < Double(Self.pieces) else { return greatest }
        let index = Int(place)
        let share = place - Double(index)
        let piece = pieces[index]
        return piece.value + share * (piece.slope + share * piece.bend)
    }
}
