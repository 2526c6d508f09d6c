-- Orders one piece of one product after the other, each under a key of its own.  The
-- file has an access token, what the keys begin with, and the ids of the products.
local products, turn, headers, prefix = {}, 0, nil, nil

local BODY = '{"items": [{"product_id": "%s", "quantity": 1}], "shipping_address": '
  .. '{"full_name": "Ada Example", "line1": "1 High Street", "city": "Leeds", '
  .. '"postal_code": "LS1 1AA", "country": "GB"}, '
  .. '"payment": {"method": "card", "token": "tok_visa"}}'

function init(args)
  local read = io.lines(args[1])
  local token = read()
  -- Seconds tell one run apart from the next.
  prefix = read() .. "-" .. os.time() .. "-"
  headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
  for id in read do
    products[#products + 1] = id
  end
end

function request()
  turn = turn + 1
  headers["Idempotency-Key"] = prefix .. turn
  local id = products[(turn - 1) % #products + 1]
  return wrk.format("POST", "/v1/orders", headers, string.format(BODY, id))
end
