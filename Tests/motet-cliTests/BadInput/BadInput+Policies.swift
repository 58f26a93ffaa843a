extension BadInput {
    private static func policy(_ more: String...) -> [String] {
        ["policy", "evaluate", "prices.jsonl", "--outcomes", "sold.csv"] + more
    }

    /// A line of a log.
    static func price(
        _ decision: String = "p1",
        price: String = "18",
        propensity: String = "0.5",
        cost: String = "9",
        more: String = ""
    ) -> String {
        "{\"decision\":\"\(decision)\",\"draw\":\"\(decision)\",\"item\":\"7\",\"objective\":\"margin\",\"present\":20,"
            + "\"price\":\(price),\"propensity\":\(propensity),\"best\":18,\"level\":1,\"elasticity\":-2,\"cost\":\(cost),"
            + "\"stock\":null\(more)}\n"
    }

    private static func log(
        _ lines: String,
        sold: String = "decision,units\np1,3\n"
    ) -> @Sendable (Shop) throws -> Void {
        { shop in
            try shop.write("prices.jsonl", lines)
            try shop.write("sold.csv", sold)
        }
    }

    /// Logs, outcomes and policies that cannot be.
    static let policies: [BadInput] = [
        BadInput(
            "log of prices that is not there",
            policy("--candidate", "best"),
            says: "prices.jsonl: no such file; expected logged prices. Check the path."
        ),
        BadInput(
            "log that is a folder without one",
            ["policy", "evaluate", "tmp", "--outcomes", "sold.csv", "--candidate", "best"],
            says:
                "tmp: the folder has no log; expected files that end in .jsonl; received 0 others."
        ),
        BadInput(
            "line that is no price",
            policy("--candidate", "best"),
            says:
                "prices.jsonl:2: the line is no logged price; expected one that `POST /v1/price` wrote; received "
                + "16 bytes.",
            log(price() + "{\"decision\": 12}\n")
        ),
        BadInput(
            "propensity that is none",
            policy("--candidate", "best"),
            says:
                "prices.jsonl:1: 'propensity' is out of range; expected more than 0 and at most 1; received 0.0.",
            log(price(propensity: "0"))
        ),
        BadInput(
            "margin without a cost",
            policy("--candidate", "best"),
            says:
                "prices.jsonl:1: 'cost' is out of range; expected a number, as the margin is what counts; received "
                + "none.",
            log(price(cost: "null"))
        ),
        BadInput(
            "price below nothing",
            policy("--candidate", "best"),
            says:
                "prices.jsonl:1: 'price' is out of range; expected a price from 1e-06 to 1000000000.0; received "
                + "-18.0.",
            log(price(price: "-18"))
        ),
        BadInput(
            "log of two currencies",
            policy("--candidate", "best"),
            says:
                "logged prices: 'currency' is not the same in all; expected one; received `EUR` and `GBP`. Evaluate "
                + "the files of each apart.",
            log(price(more: ",\"currency\":\"EUR\"") + price("p2", more: ",\"currency\":\"GBP\""))
        ),
        BadInput(
            "outcomes that are not there",
            ["policy", "evaluate", "prices.jsonl", "--outcomes", "x.csv", "--candidate", "best"],
            says: "x.csv: no such file; expected a table to read. Check the path.",
            log(price())
        ),
        BadInput(
            "outcomes without units",
            policy("--candidate", "best"),
            says:
                "sold.csv, column \"units\": no such column; expected one of decision, unit. Did you mean `unit`?",
            log(price(), sold: "decision,unit\np1,3\n")
        ),
        BadInput(
            "sales below nothing",
            policy("--candidate", "best"),
            says:
                "sold.csv:3, column \"units\": no number of sales; expected 0 to 1e12; received -1.0.",
            log(price(), sold: "decision,units\np2,3\np1,-1\n")
        ),
        BadInput(
            "outcome that is not a number",
            policy("--candidate", "best"),
            says:
                "sold.csv:2, column \"units\": no number; expected a finite number; received nothing.",
            log(price(), sold: "decision,units\np1,nan\n")
        ),
        BadInput(
            "outcome that is told twice",
            policy("--candidate", "best"),
            says:
                "sold.csv:3, column \"decision\": named twice; expected one outcome of each; received \"p1\".",
            log(price(), sold: "decision,units\np1,3\np1,4\n")
        ),
        BadInput(
            "outcomes of other decisions",
            policy("--candidate", "best"),
            says:
                "logged prices: none can be evaluated; expected one with a demand, an outcome and a price of the other "
                + "policy; received 1, of which 0 have no demand, 1 no outcome and 0 no price of the other policy.",
            log(price(), sold: "decision,units\np9,3\n")
        ),
        BadInput(
            "other policy that is not there",
            policy("--candidate", "other.csv"),
            says: "other.csv: no such file; expected a table to read. Check the path.",
            log(price())
        ),
        BadInput(
            "other policy with a price below nothing",
            policy("--candidate", "other.csv"),
            says:
                "other.csv:2, column \"price\": out of range; expected above 0, at most 1e9; received -1.0."
        ) {
            try log(price())($0)
            try $0.write("other.csv", "item,price\n7,-1\n")
        },
        BadInput(
            "other policy whose probabilities do not add up",
            policy("--candidate", "other.jsonl"),
            says:
                "decision \"p1\": the other policy's probabilities do not add up; expected 1; received 0.5."
        ) {
            try log(price())($0)
            try $0.write(
                "other.jsonl",
                "{\"decision\": \"p1\", \"price\": 18, \"probability\": 0.5}\n"
            )
        },
        BadInput(
            "other policy that is no JSON",
            policy("--candidate", "other.jsonl"),
            says:
                "other.jsonl:1: the line does not read; expected a JSON object; received 10 bytes."
        ) {
            try log(price())($0)
            try $0.write("other.jsonl", "item,price\n")
        },
        BadInput(
            "weights limited below 1",
            policy("--candidate", "best", "--limit", "0.5"),
            status: 2,
            says: "Error: '--limit' is out of range; expected a number from 1; received 0.5.\n...",
            log(price())
        ),
    ]
}
