extension BadInput {
    private static let features = [
        "data", "features", "features.yaml", "--rows", "rows.csv", "--output", "made",
    ]

    /// A log of clicks, rows, and what is to be computed of them.
    private static func written(
        log: String = "time,user,item\n1700000000,u,i\n",
        rows: String = "time,user\n1700000001,u\n",
        window: String = "1h"
    ) -> @Sendable (Shop) throws -> Void {
        {
            try $0.write(
                "features.yaml",
                """
                online_features:
                  features: [{ name: clicks, of: user, type: count, events: click, window: \(window) }]
                log: [{ files: log.csv, kind: click, unit: seconds, item: item }]
                rows: { unit: seconds, user: user }

                """
            )
            try $0.write("log.csv", log)
            try $0.write("rows.csv", rows)
        }
    }

    /// Features of rows that cannot be computed.
    static let onlineFeatures: [BadInput] = [
        BadInput(
            "features that are not there",
            features,
            says: "features.yaml: no such file; expected a YAML file. Check the path."
        ),
        BadInput(
            "window of a feature that is no length of time",
            features,
            says:
                "features.yaml:2, online_features.features[0].window: not a length of time; expected a whole "
                + "number and s, m, h, d or w, such as `30m`, up to ten years; received \"1hour\".",
            written(window: "1hour")
        ),
        BadInput(
            "column of a log that is not there",
            features,
            says:
                "log.csv, column \"user\": no such column; expected one of time, usr, item. Did you mean `usr`?",
            written(log: "time,usr,item\n1700000000,u,i\n")
        ),
        BadInput(
            "event of a log without an item",
            features,
            says:
                "log.csv:3: event, field \"item\": missing; expected the item of the click; only a search may "
                + "have none. Set `invalid: skip` to pass over such rows.",
            written(log: "time,user,item\n1700000000,u,i\n1700000000,u,\n")
        ),
        BadInput(
            "rows for features that are out of order",
            features,
            says:
                "rows.csv:3, column \"time\": earlier than the row before; expected rows in the order of time. Sort "
                + "the file by this column.",
            written(rows: "time,user\n1700000001,u\n1700000000,u\n")
        ),
        BadInput(
            "rows for features with a column of a feature's name",
            features,
            says:
                "rows.csv, column \"clicks\": a feature is called so too; expected different names. Leave the column "
                + "out by `keep`.",
            written(rows: "time,user,clicks\n1700000001,u,3\n")
        ),
    ]
}
