import Testing

@Suite("Counting what is bought together") struct TogetherTests {
    @Test func aLogBecomesAFileOfPairs() throws {
        let shop = try Shop()
        try shop.write("log.csv", "order,product\n1,a\n1,b\n2,b\n2,a\n3,a\n3,c\n4,c\n4,a\n5,a\n")
        let result = try Program.run(
            [
                "data", "together", "log.csv", "--basket", "order", "--item", "product",
                "--output", "together.csv", "--measure", "lift",
            ],
            in: shop.path
        )
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.output == """
                9 rows, 5 baskets of 3 items, 0 baskets with more than 200 items passed over
                4 pairs written to together.csv

                """
        )
        // All five baskets hold a, two of them b and two c.
        #expect(
            try shop.text("together.csv").replacing("\"", with: "") == """
                item,other,count,score
                a,b,2,1
                a,c,2,1
                b,a,2,1
                c,a,2,1

                """
        )
    }
}
