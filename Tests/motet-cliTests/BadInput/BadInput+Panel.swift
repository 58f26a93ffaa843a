import Foundation

extension BadInput {
    private static func making(_ output: String = "panel") -> [String] {
        ["data", "panel", "log.csv", "--config", "panel.yaml", "--output", output]
    }

    private static func files(
        _ change: (from: String, to: String) = ("", ""),
        log: String = "day,sku,kind\n2024-01-10,a,x\n2024-01-11,a,x\n"
    ) -> @Sendable (Shop) throws -> Void {
        let keys = """
            panel:
              period: day
              time: day
              item: sku
              category: kind
              horizon: 1
              history: 7
              validation: 2
              test: 3

            """
        let text = change.from.isEmpty ? keys : keys.replacing(change.from, with: change.to)
        return {
            try $0.write("log.csv", log)
            try $0.write("panel.yaml", text)
        }
    }

    /// Panels that cannot be made.
    static let panels: [BadInput] = [
        BadInput(
            "panel of a log that is too short",
            making(),
            says:
                "panel: no period is left to learn from; expected more than `history` + `validation` + `test` = 12 "
                + "periods; received 2. Give a longer log, or smaller numbers.",
            files()
        ),
        BadInput(
            "panel of a log without the column",
            making(),
            says:
                "log.csv, column \"kinds\": no such column; expected one of day, sku, kind. Did you mean `kind`?",
            files(("category: kind", "category: kinds"))
        ),
        BadInput(
            "panel of months",
            making(),
            says:
                "panel.yaml:2, panel.period: unknown value; expected one of `day`, `week`; received \"month\".",
            files(("period: day", "period: month"))
        ),
        BadInput(
            "panel of a log with times in the future",
            making(),
            says: "log.csv:3: column \"day\": a time in the future; ...",
            files(log: "day,sku,kind\n2024-01-10,a,x\n2099-01-11,a,x\n")
        ),
        BadInput(
            "panel in the place of something else",
            making("data"),
            says:
                "data: something else is there; expected no folder, an empty one, or a panel to replace."
        ) { shop in
            try files(log: "day,sku,kind\n" + (10...29).map { "2024-01-\($0),a,x\n" }.joined())(
                shop
            )
            try FileManager.default.createDirectory(
                atPath: shop.file("data"),
                withIntermediateDirectories: false
            )
            try shop.write("data/mine.txt", "mine")
        },
    ]
}
