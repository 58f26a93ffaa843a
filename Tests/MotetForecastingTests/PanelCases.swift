import MotetCore
import MotetForecasting

/// Sales that are made up, the same for the same key.
enum PanelCases {
    /// Lines of some items in some categories, with gaps, late starts, moves between categories and prices.
    static func lines(
        items: Int,
        periods: Int,
        first: Int = 0,
        key: RandomKey
    ) throws -> [SalesLine] {
        var generator = key.generator()
        var lines: [SalesLine] = []
        for item in 0..<items {
            let start = Int.random(in: 0..<periods, using: &generator)
            let share = Double.random(in: 0.1...1, using: &generator)
            let level = Double.random(in: 0.5...40, using: &generator)
            let moves = Int.random(in: start...periods, using: &generator)
            for place in start..<periods
            where place == start || Double.random(in: 0..<1, using: &generator) < share {
                let units =
                    (level * Double.random(in: 0.2...2, using: &generator) * 10).rounded() / 10
                lines.append(
                    SalesLine(
                        item: "i\(item)",
                        category: place < moves ? "c\(item % 3)" : "c\(item % 4)",
                        period: first + place,
                        units: UnitCount(units) ?? .zero,
                        price: Bool.random(using: &generator)
                            ? Double.random(in: 0.5...20, using: &generator) : nil
                    )
                )
            }
        }
        return lines.shuffled(using: &generator)
    }

    /// A panel of one item, from its units.
    static func panel(
        _ units: [Double],
        _ period: SalesPeriod = .week,
        first: Int = 2_100
    ) throws -> SalesPanel {
        try SalesPanel(
            units.enumerated().map { place, units in
                SalesLine(
                    item: "a",
                    category: "c",
                    period: first + place,
                    units: UnitCount(units) ?? .zero,
                    price: units > 0 ? 2 : nil
                )
            },
            period: period,
            first: first,
            last: first + units.count - 1
        )
    }
}
