import Testing

@Suite("Making panels") struct PanelTests {
    @Test func aLogBecomesRowsAndAHistory() throws {
        let shop = try Shop()
        var log = "day,sku,kind,n\n"
        for day in 10...29 { log += "2024-01-\(day),a,x,\(day % 3)\n2024-01-\(day),b,x,2\n" }
        try shop.write("log.csv", log + "2024-01-29,POST,x,1\n2024-01-29,a,x,-1\n")
        try shop.write(
            "panel.yaml",
            """
            panel:
              period: day
              time: day
              item: sku
              category: kind
              units: n
              exclude: [{ column: sku, like: post }]
              horizon: 2
              history: 7
              validation: 2
              test: 3

            """
        )
        let command = ["data", "panel", "log.csv", "--config", "panel.yaml", "--output", "panel"]
        let result = try Program.run(command, in: shop.path)
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.output == """
                42 rows: 1 left out by filters, 1 with negative units, 0 passed over
                2 items in 1 categories, 20 days from 2024-01-10 to 2024-01-29
                panel/training.parquet: 60 rows
                panel/validation.parquet: 12 rows
                panel/test.parquet: 20 rows

                """
        )
        // Again, over what is there.
        #expect(try Program.run(command, in: shop.path).status == 0)
    }
}
